import { describe, expect, it } from 'vitest'
import { byRecord, isTail, joined } from './find'

const line = (id: string) => ({ id, name: id, kind: 'person', phones: [], premises: [], tags: [], marked: false, open_cases: 2 })

describe('finding a customer', () => {
  it('takes four digits and more for the end of a number, typed with or without gaps', () => {
    expect(isTail('6021')).toBe(true)
    expect(isTail('138 0000 6021')).toBe(true)
    expect(isTail('602')).toBe(false)
    expect(isTail('3栋1204')).toBe(false)
  })
  it('asks the records for Chinese and numbers, the index for initials', () => {
    expect(byRecord('王秀')).toBe(true)
    expect(byRecord('wx')).toBe(false)
  })
  it('names each customer once, with what the record knows', () => {
    const found = joined([line('1')], [{ ...line('1'), open_cases: undefined }, { ...line('2'), open_cases: undefined }])
    expect(found.map((one) => [one.id, one.open_cases])).toEqual([
      ['1', 2],
      ['2', undefined],
    ])
  })
})
