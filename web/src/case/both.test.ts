import { describe, expect, it } from 'vitest'
import type { Field } from '../api/types'
import { bothWrote } from './both'

const field = (key: string, kind = 'text', personal = false) => ({ key, title: key, kind, personal }) as Field
const entry = (key: string, text: string) => ({ words: [{ key, title: key, text }] })

describe('two people at one field', () => {
  it('both texts are shown where they differ', () => {
    expect(bothWrote([field('plan')], { plan: '换主板' }, entry('plan', '换电源'))).toEqual([{ key: 'plan', title: 'plan', mine: '换主板', theirs: '换电源' }])
  })
  it('nothing is asked where they agree, where one is empty, or where the other wrote elsewhere', () => {
    expect(bothWrote([field('plan')], { plan: ' 换电源 ' }, entry('plan', '换电源'))).toEqual([])
    expect(bothWrote([field('plan')], { plan: ' ' }, entry('plan', '换电源'))).toEqual([])
    expect(bothWrote([field('plan')], { plan: '换主板' }, entry('result', '已修'))).toEqual([])
    expect(bothWrote([field('plan')], { plan: '换主板' }, undefined)).toEqual([])
  })
  it('choices, and personal fields that the history masks, are left to the history', () => {
    expect(bothWrote([field('class', 'choice')], { class: 'a' }, entry('class', 'b'))).toEqual([])
    expect(bothWrote([field('contact', 'line', true)], { contact: '13800000000' }, entry('contact', '138****0000'))).toEqual([])
  })
})
