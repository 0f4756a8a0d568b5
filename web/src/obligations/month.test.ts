import { describe, expect, it } from 'vitest'
import { byFunction, dayNumbers, monthAfter, sums } from './month'

const duty = (key: string, owner: string, ...states: string[]) =>
  ({ key, pack: 'p', function: owner, function_title: owner, unit: '1', unit_name: '中心', holders: ['庄严'], turns: states.map((state, at) => ({ key: `${at}`, state, day: at + 1 })) }) as never

describe('a month of duties', () => {
  it('counts turns by what became of them', () => {
    expect(sums([duty('a', 'lead', 'kept', 'kept_late', 'pending'), duty('b', 'lead', 'overdue', 'exempt')])).toEqual({ all: 5, kept: 1, kept_late: 1, overdue: 1, running: 0, pending: 1 })
  })
  it('stands under who owes it, those with something due first', () => {
    const groups = byFunction([duty('a', 'head'), duty('b', 'lead'), duty('c', 'lead', 'kept')])
    expect(groups.map((group) => group.title)).toEqual(['lead', 'head'])
    expect(groups[0]?.duties.map((one) => one.key)).toEqual(['c', 'b'])
  })
  it('knows how long months are and which come next', () => {
    expect(dayNumbers('2026-11')).toHaveLength(30)
    expect(dayNumbers('2028-02')).toHaveLength(29)
    expect(monthAfter('2026-12', 1)).toBe('2027-01')
    expect(monthAfter('2026-01', -1)).toBe('2025-12')
  })
})
