import { describe, expect, it } from 'vitest'
import { entryOf } from './version'

describe('the version of the client', () => {
  it('is told by the script that the page begins with', () => {
    expect(entryOf('<head><script type="module" crossorigin src="/assets/index-GDx1ac3I.js"></script></head>')).toBe('/assets/index-GDx1ac3I.js')
    expect(entryOf('<p>upstream is down</p>')).toBeUndefined()
  })
})
