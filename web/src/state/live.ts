import { ref } from 'vue'
import type { QueryClient } from '@tanstack/vue-query'

/** Whether changes by others are arriving. */
export const live = ref(true)

let source: EventSource | undefined

/** What a change of any case may alter; a case itself is read again only when it is named. */
const LISTS = ['queue', 'cases', 'call-backs', 'report', 'report-cases']

/** Follows the server's events and has the screens read again what changed. */
export function followLive(queries: QueryClient): void {
  stopLive()
  source = new EventSource('/api/live')
  source.addEventListener('open', () => {
    if (!live.value) void queries.invalidateQueries()
    live.value = true
  })
  source.addEventListener('error', () => (live.value = false))
  source.addEventListener('changed', (event) => {
    const cases = changedCases((event as MessageEvent<string>).data)
    for (const list of LISTS) void queries.invalidateQueries({ queryKey: [list] })
    for (const id of cases) void queries.invalidateQueries({ queryKey: ['case', id] })
  })
}

export function stopLive(): void {
  source?.close()
  source = undefined
}

function changedCases(data: string): string[] {
  try {
    const got = JSON.parse(data) as { cases?: unknown }
    return Array.isArray(got.cases) ? got.cases.filter((id) => typeof id === 'string') : []
  } catch {
    return []
  }
}
