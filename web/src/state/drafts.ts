import { onScopeDispose, ref, toValue, watch, type MaybeRefOrGetter, type Ref } from 'vue'
import type { Input } from '../api/types'
import { session } from './session'

interface Kept {
  at: number
  input: Input
}

const keyOf = (person: string, scope: string) => `shouwen.draft.${person}.${scope}`

function read(key: string): Kept | undefined {
  try {
    const text = localStorage.getItem(key)
    const got = text ? (JSON.parse(text) as Kept) : undefined
    return got && typeof got.at === 'number' && typeof got.input === 'object' ? got : undefined
  } catch {
    return undefined
  }
}

const empty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || value === false || (Array.isArray(value) && value.length === 0)

/** Whether nothing at all was typed. */
export const untouched = (input: Input): boolean => Object.values(input).every(empty)

export interface Draft {
  input: Ref<Input>
  savedAt: Ref<number | undefined>
  /** Keeps what is typed at once. */
  keep: () => void
  clear: () => void
}

/** What is typed, kept in this browser until it is sent: leaving never asks. The scope may change under it. */
export function useDraft(scope: MaybeRefOrGetter<string>): Draft {
  const input = ref<Input>({})
  const savedAt = ref<number>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let current = toValue(scope)
  /** Whoever typed it keeps it, even when the session ends under the page. */
  const person = session.value?.person.id ?? ''
  const key = () => keyOf(person, current)

  function load() {
    const got = read(key())
    input.value = got?.input ?? {}
    savedAt.value = got?.at
  }
  function keep() {
    clearTimeout(timer)
    timer = undefined
    if (untouched(input.value)) {
      localStorage.removeItem(key())
      savedAt.value = undefined
      return
    }
    const at = Date.now()
    try {
      localStorage.setItem(key(), JSON.stringify({ at, input: input.value }))
      savedAt.value = at
    } catch {
      savedAt.value = undefined // the browser's store is full: say nothing was kept rather than pretend
    }
  }
  function clear() {
    clearTimeout(timer)
    timer = undefined
    localStorage.removeItem(key())
    input.value = {}
    savedAt.value = undefined
  }

  load()
  watch(
    () => toValue(scope),
    (next) => {
      if (timer !== undefined) keep()
      current = next
      load()
    },
  )
  watch(
    input,
    (next, before) => {
      if (next === before && timer === undefined && untouched(next) && savedAt.value === undefined) return
      clearTimeout(timer)
      timer = setTimeout(keep, 400)
    },
    { deep: true },
  )
  /** A tab that is closed, reloaded or put aside keeps what was typed in the last moment too. */
  const atOnce = () => {
    if (timer !== undefined) keep()
  }
  globalThis.addEventListener?.('pagehide', atOnce)
  document.addEventListener('visibilitychange', atOnce)
  onScopeDispose(() => {
    globalThis.removeEventListener?.('pagehide', atOnce)
    document.removeEventListener('visibilitychange', atOnce)
    atOnce()
  })
  return { input, savedAt, keep, clear }
}
