import { describe, expect, it } from 'vitest'
import { beginOf, endOf, standing, tree } from './days'

describe('days and units of administration', () => {
  it('until a day means through the whole of it', () => {
    expect(Date.parse(endOf('2026-02-28')!) - Date.parse(beginOf('2026-02-28')!)).toBe(86_400_000)
    expect(endOf('2026-12-31')).toBe(beginOf('2027-01-01'))
    expect(beginOf('soon')).toBeUndefined()
  })
  it('says whether a function is held, coming or over', () => {
    const now = Date.parse('2026-11-20T00:00:00Z')
    expect(standing({ since: '2026-11-19T00:00:00Z' }, now)).toBe('held')
    expect(standing({ since: '2026-11-21T00:00:00Z' }, now)).toBe('coming')
    expect(standing({ since: '2026-11-01T00:00:00Z', until: '2026-11-20T00:00:00Z' }, now)).toBe('ended')
  })
  it('hangs units below those above them, and those without a known one at the top', () => {
    const units = [{ id: 'b', parent: 'a' }, { id: 'a', parent: null }, { id: 'c', parent: 'b' }, { id: 'd', parent: 'x' }]
    expect(tree(units).map(({ unit, depth }) => `${unit.id}${depth}`)).toEqual(['a0', 'b1', 'c2', 'd0'])
  })
})
