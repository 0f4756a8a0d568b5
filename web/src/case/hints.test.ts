import { describe, expect, it } from 'vitest'
import type { Field } from '../api/types'
import { hintWords, matterOf } from './hints'

const field = (key: string, kind: string) => ({ key, kind }) as Field

describe('hints of the same matter', () => {
  it('looks for the stretch that says most, and for nothing while too little was typed', () => {
    expect(matterOf('今早，电梯运行时异响、抖动')).toBe('电梯运行时异响')
    expect(matterOf('电梯坏')).toBeUndefined()
    expect(matterOf('')).toBeUndefined()
  })
  it('never sends more than a search carries, and counts characters, not code units', () => {
    expect([...(matterOf('水'.repeat(400)) ?? '')]).toHaveLength(20)
    expect(matterOf('😀😀😀')).toBeUndefined()
  })
  it('takes the place and the text by their kinds, whatever the pack calls them', () => {
    expect(hintWords([field('area', 'place'), field('matter', 'text')], { area: ' 6栋 ', matter: '二次供水水压不足' })).toEqual({ place: '6栋', matter: '二次供水水压不足' })
    expect(hintWords([field('matter', 'text')], { matter: 7 })).toEqual({ place: undefined, matter: undefined })
  })
})
