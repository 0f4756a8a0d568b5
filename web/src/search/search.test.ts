import { describe, expect, it } from 'vitest'
import { filterOf, isNarrowed } from './search'

describe('the filters of a search', () => {
  it('come from the address, and nothing that is none', () => {
    expect(filterOf({ q: ' 电梯 ', kind: 'case', open: 'false', from: '2026-11-01', to: 'tomorrow', order: 'x' })).toMatchObject({ q: '电梯', kind: 'case', open: false, from: '2026-11-01' })
    expect(filterOf({ to: 'tomorrow' }).to).toBeUndefined()
    expect(filterOf({ q: ['a', 'b'] }).q).toBeUndefined()
  })
  it('words and order alone narrow nothing', () => {
    expect(isNarrowed(filterOf({ q: '电梯', order: 'time' }))).toBe(false)
    expect(isNarrowed(filterOf({ q: '电梯', open: 'true' }))).toBe(true)
  })
  it('keep a question as short as the server takes it', () => {
    expect(filterOf({ q: '水'.repeat(900) }).q).toHaveLength(200)
  })
})
