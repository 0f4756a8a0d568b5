import { ref } from 'vue'
import type { Query, QueryClient } from '@tanstack/vue-query'
import { checkVersion } from './version'

/** Whether changes by others are arriving. */
export const live = ref(true)

let source: EventSource | undefined

/** What a change of any case may alter; a case itself is read again only when it is named. */
const LISTS = ['queue', 'cases', 'board', 'obligations', 'call-backs', 'candidates', 'report', 'report-cases']

/** How long to wait before the next try: longer each time, at most half a minute. */
export const waitBefore = (tries: number): number => Math.min(30_000, 1000 * 2 ** Math.min(tries, 5))

let tries = 0
let again: ReturnType<typeof setTimeout> | undefined
let online: (() => void) | undefined

/** Follows the server's events and has the screens read again what changed; a broken line says so and heals by itself. */
export function followLive(queries: QueryClient): void {
  stopLive()
  source = new EventSource('/api/live')
  source.addEventListener('open', () => {
    if (!live.value) {
      void queries.invalidateQueries()
      void checkVersion()
    }
    tries = 0
    live.value = true
  })
  source.addEventListener('error', () => {
    live.value = false
    // The browser tries again by itself only after a cut, not after an answer that is no event stream.
    if (source?.readyState !== EventSource.CLOSED) return
    again = setTimeout(() => followLive(queries), waitBefore(tries))
    tries += 1
    // Nobody may be logged in any more: asking says so.
    void queries.invalidateQueries({ queryKey: ['queue', 'counts'] })
  })
  online = () => !live.value && followLive(queries)
  window.addEventListener('online', online)
  source.addEventListener('changed', (event) => {
    const data = (event as MessageEvent<string>).data
    for (const list of LISTS) void queries.invalidateQueries({ queryKey: [list] })
    if (toldOfNotices(data)) void queries.invalidateQueries({ queryKey: ['notices'] })
    for (const [id, version] of changedCases(data)) {
      // A page that shows this version already, after an act of one's own, is not read a second time.
      const older = (query: Query) => ((query.state.data as { version?: number } | undefined)?.version ?? -1) < version
      void queries.invalidateQueries({ queryKey: ['case', id], predicate: older })
    }
  })
}

export function stopLive(): void {
  clearTimeout(again)
  if (online) window.removeEventListener('online', online)
  online = undefined
  source?.close()
  source = undefined
}

/** Whether the listener has new notices. */
export function toldOfNotices(data: string): boolean {
  try {
    return (JSON.parse(data) as { notices?: unknown }).notices === true
  } catch {
    return false
  }
}

function changedCases(data: string): [string, number][] {
  try {
    const got = JSON.parse(data) as { cases?: unknown; versions?: unknown }
    if (!Array.isArray(got.cases)) return []
    const versions = Array.isArray(got.versions) ? (got.versions as unknown[]) : []
    return got.cases.flatMap((id, at): [string, number][] => {
      const version = versions[at]
      return typeof id === 'string' ? [[id, typeof version === 'number' ? version : Infinity]] : []
    })
  } catch {
    return []
  }
}
