/** What administration reads; nothing of it is polled but what is under way. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import { api, ask } from '../api/client'
import { session } from '../state/session'

const tongue = () => session.value?.language

/** The body of acts that only name the version that was looked at. */
export const seen = (version: number) => ({ seen: version }) as never

export const useRightsOf = (person: MaybeRefOrGetter<string | undefined>) =>
  useQuery({
    queryKey: computed(() => ['people', 'rights', toValue(person), tongue()]),
    queryFn: () => ask(api.GET('/api/people/{person}/rights', { params: { path: { person: toValue(person)! } } })),
    enabled: computed(() => !!toValue(person)),
  })

/** The permissions of who is logged in, by their words; none before they are known. */
export function usePermissions() {
  const { data, error, refetch } = useRightsOf(() => session.value?.person.id)
  return { held: computed(() => data.value && new Set(data.value.permissions.map((one) => one.permission))), rights: data, error, refetch }
}

export const usePeople = () => useQuery({ queryKey: computed(() => ['people', 'list', tongue()]), queryFn: () => ask(api.GET('/api/people')) })

export const usePerson = (person: MaybeRefOrGetter<string | undefined>) =>
  useQuery({
    queryKey: computed(() => ['people', 'one', toValue(person), tongue()]),
    queryFn: () => ask(api.GET('/api/people/{person}', { params: { path: { person: toValue(person)! } } })),
    enabled: computed(() => !!toValue(person)),
  })

export const useSessions = (person: MaybeRefOrGetter<string | undefined>) =>
  useQuery({
    queryKey: computed(() => ['people', 'sessions', toValue(person)]),
    queryFn: () => ask(api.GET('/api/sessions', { params: { query: { person: toValue(person) } } })),
  })

/** The functions that regulations in force know, by key. */
export const useFunctions = () =>
  useQuery({
    queryKey: computed(() => ['functions', tongue()]),
    queryFn: async () => {
      const packs = await ask(api.GET('/api/packs'))
      const readings = await Promise.all(packs.map((pack) => ask(api.GET('/api/packs/{name}/reading', { params: { path: { name: pack.name } } }))))
      const known = new Map(readings.flatMap((reading) => reading.functions.map((one) => [one.key, one.title] as const)))
      return [...known].map(([key, title]) => ({ key, title })).sort((a, b) => a.title.localeCompare(b.title, tongue() === 'en' ? 'en' : 'zh'))
    },
    staleTime: 300_000,
  })

interface PageOf<Row> {
  items: Row[]
  next?: string | null
}

/** A list read page by page under a key. */
export function usePages<Row>(key: MaybeRefOrGetter<unknown[]>, read: (after: string | undefined) => Promise<PageOf<Row>>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => [...toValue(key), tongue()]),
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: PageOf<Row>) => page.next ?? undefined,
  })
  const rows = computed(() => query.data.value?.pages.flatMap((page) => page.items))
  return { ...query, rows }
}
