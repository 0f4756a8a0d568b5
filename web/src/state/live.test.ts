import { describe, expect, it } from 'vitest'
import { toldOfNotices, waitBefore } from './live'

describe('a broken line', () => {
  it('is tried again soon, then more seldom, at least twice a minute', () => {
    expect(waitBefore(0)).toBe(1000)
    expect(waitBefore(3)).toBe(8000)
    expect(waitBefore(50)).toBe(30_000)
  })
})

describe('a change that was told', () => {
  it('says whether there are new notices, and anything else says no', () => {
    expect(toldOfNotices('{"position":"9","cases":[],"versions":[],"notices":true}')).toBe(true)
    expect(toldOfNotices('{"position":"9","cases":["1"],"versions":[2],"notices":false}')).toBe(false)
    expect(toldOfNotices('no json')).toBe(false)
  })
})
