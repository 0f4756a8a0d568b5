import { computed } from 'vue'
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { api, ask } from '../api/client'
import type { CaseFilter } from '../api/queries'
import { session } from './session'

/** Filters under a name, as they stand in the address of the list of cases. */
export interface SavedView {
  name: string
  query: Record<string, string>
}

/** What of an address makes a view: its filters, not the place reached. */
export const FILTERS = ['open', 'procedure', 'unit', 'q', 'standing'] as const

/** The filters of an address, the default ones left out. */
export function filtersOf(query: Record<string, unknown>): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const name of FILTERS) {
    const value = query[name]
    if (typeof value === 'string' && value) kept[name] = value
  }
  return kept
}

/** The filters as the list of cases is asked for them. */
export function asked(query: Record<string, string>): CaseFilter {
  const standing = STANDINGS.find((one) => one === query.standing)
  const open = query.open === 'all' ? undefined : query.open !== 'ended'
  return { open, procedure: query.procedure, unit: query.unit, q: query.q, standing }
}

/** How a case can stand. */
export const STANDINGS = ['late', 'soon', 'supervised', 'unassigned'] as const

/** Whether two sets of filters ask for the same. */
export const sameFilters = (a: Record<string, string>, b: Record<string, string>): boolean =>
  FILTERS.every((name) => (a[name] ?? '') === (b[name] ?? ''))

/** What another version of the client kept may have any shape: only what is a view is taken. */
export function readViews(kept: unknown): SavedView[] {
  if (!Array.isArray(kept)) return []
  return kept.filter(
    (one): one is SavedView => typeof one?.name === 'string' && typeof one.query === 'object' && one.query !== null,
  )
}

/** Saved under the same name, a view takes the other's place. */
export const withView = (views: readonly SavedView[], view: SavedView): SavedView[] => {
  const at = views.findIndex((one) => one.name === view.name)
  return at < 0 ? [...views, view] : views.map((one, index) => (index === at ? view : one))
}

/** The person's saved views; they are kept with the person, because desks are shared. */
export function useViews() {
  const queries = useQueryClient()
  const key = computed(() => ['preferences', 'views', session.value?.person.id])
  const { data } = useQuery({
    queryKey: key,
    queryFn: async () => readViews((await ask(api.GET('/api/preferences/{key}', { params: { path: { key: 'views' } } }))).value),
    staleTime: 300_000,
  })
  const views = computed(() => data.value ?? [])
  async function keep(next: SavedView[]): Promise<void> {
    await ask(api.PUT('/api/preferences/{key}', { params: { path: { key: 'views' } }, body: { value: next as never } }))
    queries.setQueryData(key.value, next)
  }
  return {
    views,
    save: (view: SavedView) => keep(withView(views.value, view)),
    remove: (name: string) => keep(views.value.filter((one) => one.name !== name)),
  }
}
