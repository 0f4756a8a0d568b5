import { describe, expect, it } from 'vitest'
import { asked, filtersOf, readViews, sameFilters, withView } from './views'

describe('saved views', () => {
  it('keep the filters of an address and nothing else', () => {
    expect(filtersOf({ open: 'all', unit: '7', after: '12_3', q: '', procedure: undefined })).toEqual({ open: 'all', unit: '7' })
  })
  it('are the same whatever the order, and an empty filter is none', () => {
    expect(sameFilters({ unit: '7', open: 'all' }, { open: 'all', unit: '7' })).toBe(true)
    expect(sameFilters({ unit: '7' }, { unit: '7', q: '' })).toBe(true)
    expect(sameFilters({ unit: '7' }, { unit: '8' })).toBe(false)
  })
  it('are asked for as the list of cases names them; open ones unless said', () => {
    expect(asked({})).toMatchObject({ open: true })
    expect(asked({ open: 'all', standing: 'late' })).toMatchObject({ open: undefined, standing: 'late' })
    expect(asked({ open: 'ended', standing: 'other' })).toMatchObject({ open: false, standing: undefined })
  })
  it('of another shape are left out', () => {
    expect(readViews(null)).toEqual([])
    expect(readViews([{ name: '工程部', query: { unit: '7' } }, { name: 3 }, 'x', null])).toEqual([{ name: '工程部', query: { unit: '7' } }])
  })
  it('saved under a known name take its place', () => {
    const one = { name: '工程部', query: { unit: '7' } }
    const other = { name: '工程部', query: { unit: '8' } }
    expect(withView([one], other)).toEqual([other])
    expect(withView([one], { name: '督办', query: {} })).toHaveLength(2)
  })
})
