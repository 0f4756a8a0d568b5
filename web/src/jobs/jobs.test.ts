import { describe, expect, it } from 'vitest'
import { ended, share } from './jobs'

describe('a job', () => {
  it('has ended when it neither waits nor runs', () => {
    expect(ended({ state: 'waiting' })).toBe(false)
    expect(ended({ state: 'running' })).toBe(false)
    expect(ended({ state: 'failed' })).toBe(true)
    expect(ended(undefined)).toBe(false)
  })
  it('tells its share only of a known whole', () => {
    expect(share({ done: 5, total: 0 })).toBeUndefined()
    expect(share({ done: 1, total: 3 })).toBe(33)
    expect(share({ done: 9, total: 3 })).toBe(100)
  })
})
