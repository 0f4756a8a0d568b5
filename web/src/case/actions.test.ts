import { describe, expect, it } from 'vitest'
import type { Offer } from '../api/types'
import { arrange } from './actions'

const offer = (action: string, more: Partial<Offer> = {}): Offer => ({
  action,
  title: action,
  fields: [],
  state: 'needs_input',
  ends: false,
  right: false,
  primary: false,
  ...more,
})
const refused = (action: string, why: string, more: Partial<Offer> = {}): Offer =>
  offer(action, { state: 'refused', refusal: { why, say: why, could: [] }, ...more })
const names = (offers: Offer[]) => offers.map((one) => one.action)

describe('the action bar', () => {
  it('makes the marked offer primary, else the first permitted one, never a right', () => {
    expect(arrange([offer('urge'), offer('take', { primary: true })], 3).primary?.action).toBe('take')
    expect(arrange([refused('reply', 'clause'), offer('urge')], 3).primary?.action).toBe('urge')
    expect(arrange([refused('reply', 'clause'), offer('supervise', { right: true })], 3).primary).toBeUndefined()
  })

  it('keeps the closing action in sight while a clause holds it back', () => {
    const bar = arrange([offer('a'), offer('b'), offer('c'), offer('d'), refused('x', 'unapproved'), refused('close', 'clause', { ends: true })], 2)
    expect(bar.primary?.action).toBe('a')
    expect(names(bar.beside)).toEqual(['b', 'c'])
    expect(bar.closing?.action).toBe('close')
    expect(names(bar.more)).toEqual(['d', 'x'])
  })

  it('puts rights behind the procedure’s own actions', () => {
    const bar = arrange([offer('a'), offer('urge', { right: true }), offer('pause', { right: true })], 1)
    expect(names(bar.beside)).toEqual(['urge'])
    expect(names(bar.more)).toEqual(['pause'])
  })

  it('leaves out other stages and sets apart what only others may do', () => {
    const bar = arrange([refused('archive', 'not_here', { ends: true }), refused('approve', 'forbidden')], 3)
    expect(bar).toEqual({ primary: undefined, beside: [], closing: undefined, more: [], others: [refused('approve', 'forbidden')] })
  })
})
