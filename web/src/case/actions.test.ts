import { describe, expect, it } from 'vitest'
import type { Offer } from '../api/types'
import { arrange } from './actions'

const offer = (action: string, more: Partial<Offer> = {}): Offer => ({
  action,
  title: action,
  fields: [],
  state: 'needs_input',
  ends: false,
  right: true,
  primary: false,
  ...more,
})
const names = (offers: Offer[]) => offers.map((one) => one.action)

describe('the action bar', () => {
  it('makes the marked offer primary, else the first permitted one', () => {
    expect(arrange([offer('urge'), offer('take', { primary: true })], 3).primary?.action).toBe('take')
    expect(arrange([offer('reply', { state: 'refused' }), offer('urge')], 3).primary?.action).toBe('urge')
    expect(arrange([offer('reply', { state: 'refused', primary: true })], 3).primary).toBeUndefined()
  })

  it('keeps the closing action in sight while it is refused, and the other refused ones behind more', () => {
    const bar = arrange(
      [offer('a'), offer('b'), offer('c'), offer('d'), offer('x', { state: 'refused' }), offer('close', { state: 'refused', ends: true })],
      2,
    )
    expect(bar.primary?.action).toBe('a')
    expect(names(bar.beside)).toEqual(['b', 'c'])
    expect(bar.closing?.action).toBe('close')
    expect(names(bar.more)).toEqual(['d', 'x'])
  })

  it('leaves out what the person has no right to', () => {
    const bar = arrange([offer('a', { right: false }), offer('b', { right: false, state: 'refused', ends: true })], 3)
    expect(bar).toEqual({ primary: undefined, beside: [], closing: undefined, more: [] })
  })
})
