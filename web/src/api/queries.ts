/** What the screens read, each under a key that live events can name. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/vue-query'
import { api, ask } from './client'
import { session } from '../state/session'
import type { CaseStanding, CaseView, Input, NewCase, Trial } from './types'
import type { ReportColumn } from '../report/columns'
import { dayAfter } from '../report/period'

/** What changes only with a new regulation or a new colleague. */
const always = { staleTime: 300_000 }

export type QueueTab = 'mine' | 'first_contact' | 'done'

/** Answers come in the session's language, so a change of it reads everything again. */
const tongue = () => session.value?.language

export function useQueue(tab: MaybeRefOrGetter<QueueTab>) {
  return useInfiniteQuery({
    queryKey: computed(() => ['queue', toValue(tab), tongue()]),
    queryFn: ({ pageParam }) => ask(api.GET('/api/queue', { params: { query: { tab: toValue(tab), after: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  })
}

/** How many cases each of the queue's lists holds, for the rail. */
export const useCounts = () =>
  useQuery({
    queryKey: ['queue', 'counts'],
    queryFn: async () => (await ask(api.GET('/api/queue', { params: { query: { limit: 1 } } }))).counts,
  })

export interface CaseFilter {
  open?: boolean
  procedure?: string
  unit?: string
  q?: string
  standing?: 'late' | 'soon' | 'supervised' | 'unassigned'
}

export function useCases(filter: MaybeRefOrGetter<CaseFilter>, ready: MaybeRefOrGetter<boolean> = true) {
  return useInfiniteQuery({
    enabled: computed(() => toValue(ready)),
    queryKey: computed(() => ['cases', toValue(filter), tongue()]),
    queryFn: ({ pageParam }) => ask(api.GET('/api/cases', { params: { query: { ...toValue(filter), after: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
  })
}

export interface BoardFilter {
  unit?: string
  procedure?: string
}

/** A supervisor's board in one answer. */
export function useBoard(filter: MaybeRefOrGetter<BoardFilter>) {
  return useQuery({
    queryKey: computed(() => ['board', toValue(filter), tongue()]),
    queryFn: () => ask(api.GET('/api/board', { params: { query: toValue(filter) } })),
    placeholderData: keepPreviousData,
  })
}

/** What was raised and waits for this person's decision, oldest first. */
export function useCandidates() {
  return useInfiniteQuery({
    queryKey: computed(() => ['candidates', tongue()]),
    queryFn: ({ pageParam }) => ask(api.GET('/api/candidates', { params: { query: { after: pageParam, limit: 20 } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  })
}

export const useReading = (pack: MaybeRefOrGetter<string | undefined>) =>
  useQuery({
    queryKey: computed(() => ['packs', 'reading', toValue(pack), tongue()]),
    queryFn: () => ask(api.GET('/api/packs/{name}/reading', { params: { path: { name: toValue(pack)! } } })),
    enabled: computed(() => !!toValue(pack)),
    ...always,
  })

export const usePackText = (pack: MaybeRefOrGetter<string | undefined>) =>
  useQuery({
    queryKey: computed(() => ['packs', 'text', toValue(pack), tongue()]),
    queryFn: () => ask(api.GET('/api/packs/{name}', { params: { path: { name: toValue(pack)! } } })),
    enabled: computed(() => !!toValue(pack)),
    ...always,
  })

export const useVersions = (pack: MaybeRefOrGetter<string | undefined>) =>
  useQuery({
    queryKey: computed(() => ['packs', 'versions', toValue(pack), tongue()]),
    queryFn: () => ask(api.GET('/api/packs/{name}/versions', { params: { path: { name: toValue(pack)! } } })),
    enabled: computed(() => !!toValue(pack)),
    ...always,
  })

export const usePhrases = () =>
  useQuery({ queryKey: computed(() => ['phrases', tongue()]), queryFn: () => ask(api.GET('/api/phrases')), ...always })

export const useObligations = (month: MaybeRefOrGetter<string>) =>
  useQuery({
    queryKey: computed(() => ['obligations', toValue(month), tongue()]),
    queryFn: () => ask(api.GET('/api/obligations', { params: { query: { month: toValue(month) } } })),
    placeholderData: keepPreviousData,
  })

export function useCallBacks() {
  return useInfiniteQuery({
    queryKey: computed(() => ['call-backs', tongue()]),
    queryFn: ({ pageParam }) => ask(api.GET('/api/call-backs', { params: { query: { after: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  })
}

/** Cases that samples drew and that wait to be looked into: they come on a channel of their own, whatever the pack calls them. */
export function useDrawn(ready: MaybeRefOrGetter<boolean>) {
  return useInfiniteQuery({
    queryKey: computed(() => ['call-backs', 'drawn', tongue()]),
    queryFn: async ({ pageParam }) => {
      const page = await ask(api.GET('/api/search', { params: { query: { kind: 'case', channel: 'sample', open: true, order: 'time', after: pageParam, limit: 50 } } }))
      return { items: page.items.flatMap((hit) => hit.case ?? []), next: page.next, total: page.total }
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    enabled: computed(() => toValue(ready)),
  })
}

export function useCase(id: MaybeRefOrGetter<string | undefined>) {
  return useQuery({
    queryKey: computed(() => ['case', toValue(id), tongue()]),
    queryFn: () => ask(api.GET('/api/cases/{id}', { params: { path: { id: toValue(id)! } } })),
    enabled: computed(() => !!toValue(id)),
  })
}

export interface ReportFilter {
  pack?: string
  from?: string
  to?: string
  as_of?: string
  unit?: string
}

/** `pack.clause`, as addresses name a clause; packs' names hold no dot. */
const split = (clause: string): [string, string] => [clause.slice(0, clause.indexOf('.')), clause.slice(clause.indexOf('.') + 1)]

export function useClauseReport(filter: MaybeRefOrGetter<ReportFilter>, ready: MaybeRefOrGetter<boolean>) {
  return useQuery({
    queryKey: computed(() => ['report', toValue(filter), tongue()]),
    queryFn: () => {
      const { to, ...rest } = toValue(filter)
      return ask(api.GET('/api/reports/clauses', { params: { query: { ...rest, to: to && dayAfter(to) } } }))
    },
    placeholderData: keepPreviousData,
    enabled: computed(() => toValue(ready)),
  })
}

export function useClauseCases(clause: MaybeRefOrGetter<string | undefined>, column: MaybeRefOrGetter<ReportColumn>, filter: MaybeRefOrGetter<ReportFilter>) {
  return useInfiniteQuery({
    queryKey: computed(() => ['report-cases', toValue(clause), toValue(column), toValue(filter), tongue()]),
    queryFn: ({ pageParam }) => {
      const { pack, to, ...rest } = toValue(filter)
      const [of = '', id = ''] = split(toValue(clause) ?? '')
      return ask(
        api.GET('/api/reports/clauses/{pack}/{clause}/cases', {
          params: { path: { pack: of, clause: id }, query: { ...rest, to: to && dayAfter(to), report: pack, column: toValue(column), after: pageParam } },
        }),
      )
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    enabled: computed(() => !!toValue(clause)),
  })
}

export const usePacks = () =>
  useQuery({ queryKey: computed(() => ['packs', tongue()]), queryFn: () => ask(api.GET('/api/packs')), ...always })
export const useUnits = () =>
  useQuery({ queryKey: computed(() => ['units', tongue()]), queryFn: () => ask(api.GET('/api/units')), ...always })
export const useIntakes = () =>
  useQuery({ queryKey: computed(() => ['intakes', tongue()]), queryFn: () => ask(api.GET('/api/intakes')), ...always })

export function useIntake(pack: MaybeRefOrGetter<string | undefined>, procedure: MaybeRefOrGetter<string | undefined>) {
  return useQuery({
    queryKey: computed(() => ['intake', toValue(pack), toValue(procedure), tongue()]),
    queryFn: () =>
      ask(api.GET('/api/intakes/{pack}/{procedure}', { params: { path: { pack: toValue(pack)!, procedure: toValue(procedure)! } } })),
    enabled: computed(() => !!toValue(pack) && !!toValue(procedure)),
    ...always,
  })
}

/** A key that lets the server know a repeated sending as the same one. */
export function sendingKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** What changes a case. The answer says that it stands; the page is read once, and goes on the screen. */
export function useActs() {
  const queries = useQueryClient()
  const page = (id: string) => ask(api.GET('/api/cases/{id}', { params: { path: { id } } }))
  function changed(): void {
    for (const list of ['queue', 'cases', 'board', 'candidates', 'obligations', 'call-backs', 'report', 'report-cases']) void queries.invalidateQueries({ queryKey: [list] })
  }
  /** The page as it is now; none where the act took the case out of sight. */
  async function read(stands: CaseStanding): Promise<CaseView | undefined> {
    changed()
    const key = ['case', stands.id, tongue()]
    try {
      return await queries.fetchQuery({ queryKey: key, queryFn: () => page(stands.id), staleTime: 0, retry: false })
    } catch {
      // The act was done; whatever hinders reading is told by the page itself.
      void queries.invalidateQueries({ queryKey: key })
      return undefined
    }
  }
  return {
    again: (id: string) => queries.invalidateQueries({ queryKey: ['case', id] }),
    act: async (id: string, action: string, input: Input, seen: number, key: string) =>
      read(
        await ask(
          api.POST('/api/cases/{id}/actions/{action}', {
            params: { path: { id, action } },
            body: { input, seen },
            headers: { 'idempotency-key': key },
          }),
        ),
      ),
    tryAct: (id: string, action: string, input: Input, seen: number): Promise<Trial> =>
      ask(api.POST('/api/cases/{id}/actions/{action}/dry-run', { params: { path: { id, action } }, body: { input, seen } })),
    sign: async (id: string, no: number, agree: boolean, reason: string, seen: number) =>
      read(
        await ask(
          api.POST('/api/cases/{id}/approvals/{no}', {
            params: { path: { id, no } },
            body: { agree, reason: reason || undefined, seen },
          }),
        ),
      ),
    answer: async (id: string, no: number, yes: boolean, reason: string) =>
      read(await ask(api.POST('/api/cases/{id}/questions/{no}', { params: { path: { id, no } }, body: { yes, reason } }))),
    open: async (body: NewCase, key: string): Promise<CaseStanding> => {
      const stands = await ask(api.POST('/api/cases', { body, headers: { 'idempotency-key': key } }))
      changed()
      return stands
    },
    tryOpen: (body: NewCase): Promise<Trial> => ask(api.POST('/api/cases/dry-run', { body })),
  }
}
