import { describe, expect, it } from 'vitest'
import { bars, months, place } from './axis'

const from = new Date(2025, 10, 20).getTime()
const to = new Date(2026, 10, 20).getTime()
const span = (key: string, month: number, days: number) => {
  const start = new Date(2026, month, 1).getTime()
  return { key, from: start, to: start + days * 86_400_000, late: false, open: false, text: key }
}

describe('the axis of a year', () => {
  it('names each month that begins within it, in order', () => {
    const found = months(from, to)
    expect(found.map((one) => one.month)).toEqual([12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    expect(found[0]?.left).toBeGreaterThan(0)
  })
  it('keeps what lies outside at its edges', () => {
    expect(place(from - 1, from, to)).toBe(0)
    expect(place(to + 1, from, to)).toBe(100)
  })
  it('puts cases that would cover each other in lanes of their own', () => {
    const found = bars([span('a', 2, 10), span('b', 2, 4), span('c', 8, 1)], from, to)
    const lane = Object.fromEntries(found.map((one) => [one.key, one.lane]))
    expect(lane.a).not.toBe(lane.b)
    expect(lane.c).toBe(0)
  })
  it('leaves out what ended before it begins', () => {
    expect(bars([{ ...span('old', 0, 1), from: 0, to: 1 }], from, to)).toEqual([])
  })
})
