import { describe, expect, it } from 'vitest'
import { waitBefore } from './live'

describe('a broken line', () => {
  it('is tried again soon, then more seldom, at least twice a minute', () => {
    expect(waitBefore(0)).toBe(1000)
    expect(waitBefore(3)).toBe(8000)
    expect(waitBefore(50)).toBe(30_000)
  })
})
