/** Files on their way up: each with its progress, what was said if it was refused, and how to try again. */
import { onScopeDispose, reactive, type UnwrapNestedRefs } from 'vue'
import { problemOf } from '../api/problem'
import type { FileLine } from '../api/types'
import { isTaken, refusal, upload } from './files'

export interface Upload {
  key: number
  file: File
  name: string
  /** 0 to 1; 1 while the server looks at what arrived. */
  share: number
  /** Why it was not taken. */
  refused?: string
  /** Whether trying again can help. */
  again: boolean
  stop: AbortController
}

let next = 0

export interface Uploads {
  list: UnwrapNestedRefs<Upload[]>
  add: (files: Iterable<File>) => Promise<void>
  retry: (one: Upload) => Promise<void>
  drop: (one: Upload) => void
}

/** `path` is where files go; `done` hears of each that arrived. `says` has the words for what is refused before it travels. */
export function useUploads(path: () => string, done: (line: FileLine) => void, says: { kind: () => string }, send = upload): Uploads {
  const list = reactive<Upload[]>([])
  const drop = (one: Upload) => {
    one.stop.abort()
    const at = list.findIndex((other) => other.key === one.key)
    if (at >= 0) list.splice(at, 1)
  }
  async function go(one: Upload) {
    one.refused = undefined
    one.share = 0
    try {
      const line = await send(path(), one.file, (share) => (one.share = share), one.stop.signal)
      drop(one)
      done(line)
    } catch (cause) {
      if (one.stop.signal.aborted) return
      const problem = problemOf(cause)
      one.refused = refusal(problem) || problem.code
      one.again = problem.code !== 'input' && problem.code !== 'too_large'
    }
  }
  onScopeDispose(() => list.forEach((one) => one.stop.abort()))
  return {
    list,
    drop,
    retry: go,
    add: async (files) => {
      const fresh = [...files].map((file) => reactive<Upload>({ key: (next += 1), file, name: file.name, share: 0, again: false, stop: new AbortController() }))
      list.push(...fresh)
      // One after the other: a telephone line in the cellar carries no five pictures at once.
      for (const one of fresh) {
        if (isTaken(one.name)) await go(one)
        else one.refused = says.kind()
      }
    },
  }
}
