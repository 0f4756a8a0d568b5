import { describe, expect, it } from 'vitest'
import { dayAfter, monthBeside, periodOf } from './period'

const now = Date.parse('2026-11-20T06:32:00Z')

describe('the report’s period', () => {
  it('is this month up to today where the address names none', () => {
    expect(periodOf(undefined, undefined, now, 'Asia/Shanghai')).toEqual({ from: '2026-11-01', to: '2026-11-20' })
  })
  it('takes the address’s days and leaves out what is no day', () => {
    expect(periodOf('2026-09-01', 'yesterday', now, 'Asia/Shanghai')).toEqual({ from: '2026-09-01', to: '2026-11-20' })
  })
  it('ends for the server on the day after', () => {
    expect(dayAfter('2026-12-31')).toBe('2027-01-01')
    expect(dayAfter('2028-02-28')).toBe('2028-02-29')
  })
  it('follows the zone over midnight', () => {
    const late = Date.parse('2026-11-30T17:00:00Z')
    expect(periodOf(undefined, undefined, late, 'Asia/Shanghai')).toEqual({ from: '2026-12-01', to: '2026-12-01' })
  })
  it('steps by whole months over the year’s end', () => {
    expect(monthBeside({ from: '2026-01-12', to: '2026-01-20' }, -1)).toEqual({ from: '2025-12-01', to: '2025-12-31' })
    expect(monthBeside({ from: '2028-01-01', to: '2028-01-31' }, 1)).toEqual({ from: '2028-02-01', to: '2028-02-29' })
  })
})
