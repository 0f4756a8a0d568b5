import { effectScope } from 'vue'
import { describe, expect, it } from 'vitest'
import { Problem } from '../api/problem'
import type { FileLine } from '../api/types'
import { isTaken, refusal, size } from './files'
import { useUploads } from './uploads'

const file = (name: string) => new File(['x'], name)
const line = (name: string): FileLine => ({ id: name, name, kind: 'image/jpeg', size: 1, shown: true, checked: 'clean', at: '2026-11-27T02:00:00Z' })
const problem = (code: string, say?: string) => new Problem({ type: 'about:blank', title: 'no', detail: 'why', status: 422, code, problems: say ? [{ field: 'file', say }] : undefined })

describe('files', () => {
  it('are known by their ending before they travel; a picture without one is left to the server', () => {
    expect(isTaken('IMG_0001.JPG')).toBe(true)
    expect(isTaken('run.exe')).toBe(false)
    expect(isTaken('page.html')).toBe(false)
    expect(isTaken('image')).toBe(true)
  })
  it('have their size said as file managers say it', () => {
    expect([size(6), size(1400), size(25_000_000)]).toEqual(['6 B', '1.4 kB', '25 MB'])
  })
  it('are refused in the words the server has for the file', () => {
    expect(refusal(problem('input', 'another kind'))).toBe('another kind')
    expect(refusal(problem('rate'))).toBe('why')
  })
})

describe('uploads', () => {
  const run = (send: Parameters<typeof useUploads>[3]) => {
    const arrived: string[] = []
    const scope = effectScope()
    const uploads = scope.run(() => useUploads(() => '/api/files', (one) => arrived.push(one.name), { kind: () => 'not this kind' }, send))!
    return { uploads, arrived, scope }
  }
  it('leave the list when they arrived, and what is refused stays with its reason', async () => {
    const { uploads, arrived } = run((_, sent) => (sent.name === 'b.jpg' ? Promise.reject(problem('input', 'content and name differ')) : Promise.resolve(line(sent.name))))
    await uploads.add([file('a.jpg'), file('b.jpg'), file('c.exe')])
    expect(arrived).toEqual(['a.jpg'])
    expect(uploads.list.map((one) => [one.name, one.refused, one.again])).toEqual([
      ['b.jpg', 'content and name differ', false],
      ['c.exe', 'not this kind', false],
    ])
  })
  it('can be tried again after the line broke', async () => {
    let tries = 0
    const { uploads, arrived } = run((_, sent) => ((tries += 1) === 1 ? Promise.reject(new TypeError('failed')) : Promise.resolve(line(sent.name))))
    await uploads.add([file('a.jpg')])
    expect(uploads.list[0]?.again).toBe(true)
    await uploads.retry(uploads.list[0]!)
    expect(arrived).toEqual(['a.jpg'])
    expect(uploads.list).toHaveLength(0)
  })
  it('end when they are dropped, without a word', async () => {
    const { uploads } = run((_, __, ___, signal) => new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new TypeError('aborted')))))
    const added = uploads.add([file('a.jpg')])
    uploads.drop(uploads.list[0]!)
    await added
    expect(uploads.list).toHaveLength(0)
  })
})
