import { onScopeDispose, ref, toValue, watch, type MaybeRefOrGetter, type Ref } from 'vue'
import type { Input } from '../api/types'
import { session } from './session'

interface Kept {
  at: number
  input: Input
}

const keyOf = (scope: string) => `shouwen.draft.${session.value?.person.id ?? ''}.${scope}`

function read(scope: string): Kept | undefined {
  try {
    const text = localStorage.getItem(keyOf(scope))
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

  function load() {
    const got = read(current)
    input.value = got?.input ?? {}
    savedAt.value = got?.at
  }
  function keep() {
    clearTimeout(timer)
    timer = undefined
    if (untouched(input.value)) {
      localStorage.removeItem(keyOf(current))
      savedAt.value = undefined
      return
    }
    const at = Date.now()
    try {
      localStorage.setItem(keyOf(current), JSON.stringify({ at, input: input.value }))
      savedAt.value = at
    } catch {
      savedAt.value = undefined // the browser's store is full: say nothing was kept rather than pretend
    }
  }
  function clear() {
    clearTimeout(timer)
    timer = undefined
    localStorage.removeItem(keyOf(current))
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
  onScopeDispose(() => {
    if (timer !== undefined) keep()
  })
  return { input, savedAt, keep, clear }
}
