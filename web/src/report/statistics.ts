/** What the statistics page reads, and which of the received cases stand behind one of its figures. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import { api, ask } from '../api/client'
import type { CaseLine, ProcedureStatistics } from '../api/types'
import { session } from '../state/session'
import { dayAfter, type Period } from './period'

const tongue = () => session.value?.language

export interface StatisticsFilter {
  pack?: string
  from: string
  to: string
  unit?: string
  person?: string
}

export const useStatistics = (filter: MaybeRefOrGetter<StatisticsFilter>, ready: MaybeRefOrGetter<boolean>) =>
  useQuery({
    queryKey: computed(() => ['report', 'statistics', toValue(filter), tongue()]),
    queryFn: () => {
      const { to, ...rest } = toValue(filter)
      return ask(api.GET('/api/reports/statistics', { params: { query: { ...rest, to: dayAfter(to) } } }))
    },
    placeholderData: keepPreviousData,
    enabled: computed(() => toValue(ready)),
  })

export interface MonthsFilter {
  pack?: string
  until: string
  unit?: string
  person?: string
  procedure?: string
}

export const useMonths = (filter: MaybeRefOrGetter<MonthsFilter>, ready: MaybeRefOrGetter<boolean>) =>
  useQuery({
    queryKey: computed(() => ['report', 'months', toValue(filter), tongue()]),
    queryFn: () => ask(api.GET('/api/reports/months', { params: { query: { months: 6, ...toValue(filter) } } })),
    placeholderData: keepPreviousData,
    enabled: computed(() => toValue(ready)),
  })

/** A figure that opens: all received, those ended or open, of more than one round, or in one stage. */
export type Behind = 'received' | 'ended' | 'open' | 'rounds' | `stage:${string}`

export const isBehind = (value: unknown): value is Behind => typeof value === 'string' && (['received', 'ended', 'open', 'rounds'].includes(value) || value.startsWith('stage:'))

/** Whether a received case stands behind the figure. */
export function standsBehind(line: Pick<CaseLine, 'pack' | 'stage' | 'ended_at' | 'round' | 'handler'>, behind: Behind, of: { pack?: string; person?: string }): boolean {
  if (of.pack && line.pack !== of.pack) return false
  if (of.person && line.handler !== of.person) return false
  if (behind === 'ended') return !!line.ended_at
  if (behind === 'open') return !line.ended_at
  if (behind === 'rounds') return line.round > 1
  if (behind.startsWith('stage:')) return line.stage === behind.slice('stage:'.length)
  return true
}

/** The cases received in the period, newest first, as search finds them. */
export const useReceived = (filter: MaybeRefOrGetter<StatisticsFilter & { procedure: string }>) =>
  useInfiniteQuery({
    queryKey: computed(() => ['report-cases', 'received', toValue(filter), tongue()]),
    queryFn: ({ pageParam }) => {
      const { procedure, unit, from, to } = toValue(filter)
      const query = { kind: 'case', order: 'time', procedure, unit, limit: 50, after: pageParam } as const
      return ask(api.GET('/api/search', { params: { query: { ...query, from: new Date(`${from}T00:00:00`).toISOString(), to: new Date(`${dayAfter(to)}T00:00:00`).toISOString() } } }))
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  })

/** All procedures together. */
export const sum = (procedures: readonly ProcedureStatistics[], of: 'received' | 'ended' | 'more_rounds' | 'void'): number => procedures.reduce((all, one) => all + one[of], 0)

/** `2026-10` where the period is exactly that month. */
export function wholeMonth(period: Period): string | undefined {
  const month = period.from.slice(0, 7)
  return period.from.endsWith('-01') && period.to.startsWith(month) && dayAfter(period.to).endsWith('-01') ? month : undefined
}

/** A month as a period. */
export function monthPeriod(month: string): Period {
  const [year = 1970, number = 1] = month.split('-').map(Number)
  return { from: `${month}-01`, to: new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10) }
}
