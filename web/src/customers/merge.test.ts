import { describe, expect, it } from 'vitest'
import type { Customer } from '../api/types'
import { defaults, rows, sides } from './merge'

const view = (name: string, phone: string, notes = ''): Customer =>
  ({ name, kind: 'person', numbers: [{ no: 1, kind: 'phone', masked: phone, label: '' }], places: [], tags: [], services: [], preferences: '', needs: '', notes }) as unknown as Customer

describe('two records side by side', () => {
  it('shows only what differs, with what both have marked', () => {
    const kept = view('沈立群', '139****2207')
    const other = view('沈先生', '139****2207', '沈老师')
    const found = rows(kept, other)
    expect(found.map((row) => row.field)).toEqual(['name', 'notes'])
  })
  it('GEN-12: loses nothing unless somebody says so', () => {
    const chosen = defaults(view('沈立群', '139'), view('沈先生', '155'))
    expect(chosen.numbers).toBe('both')
    expect(chosen.name).toBe('kept')
  })
  it('keeps one name, and can join lists', () => {
    expect(sides('name')).toEqual(['kept', 'other'])
    expect(sides('numbers')).toContain('both')
  })
})
