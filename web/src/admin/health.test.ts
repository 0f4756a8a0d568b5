import { describe, expect, it } from 'vitest'
import { figuresOf } from './health'

describe('figures of the running server', () => {
  const text = '# HELP shouwen_timer_lag_seconds how late\n# TYPE shouwen_timer_lag_seconds gauge\nshouwen_timer_lag_seconds 75.5\nshouwen_store_failed_total 0\nprocess_resident_memory_bytes 1.5e8\n'
  it('are read out of the text, and those that are not told are left out', () => {
    expect(figuresOf(text).map((one) => [one.key, one.value])).toEqual([['lag', 75.5], ['failed', 0], ['memory', 150_000_000]])
  })
  it('say which of them asks for someone', () => {
    expect(figuresOf(text).filter((one) => one.bad).map((one) => one.key)).toEqual(['lag'])
    expect(figuresOf('')).toEqual([])
  })
})
