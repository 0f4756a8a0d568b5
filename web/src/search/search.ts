/** Asks the index, with the filters as they stand in the address. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/vue-query'
import { api, ask } from '../api/client'
import { dayAfter } from '../report/period'
import { session } from '../state/session'

export const KINDS = ['case', 'customer'] as const
export const ORDERS = ['relevance', 'time'] as const
/** The ways a contact comes that people filter by. */
export const CHANNELS = ['phone', 'walk_in', 'web', 'email', 'sms', 'letter', 'chat', 'fax', 'video', 'social', 'message_board', 'home_visit', 'internal'] as const

export interface SearchFilter {
  q?: string
  kind?: (typeof KINDS)[number]
  order?: (typeof ORDERS)[number]
  open?: boolean
  procedure?: string
  unit?: string
  channel?: string
  /** Days; the last one counts whole. */
  from?: string
  to?: string
}

const DAY = /^\d{4}-\d{2}-\d{2}$/

/** An address may hold anything: only what is a filter is taken. */
export function filterOf(query: Record<string, unknown>): SearchFilter {
  const text = (name: string) => (typeof query[name] === 'string' && query[name].trim() ? query[name].trim() : undefined)
  const day = (name: string) => (DAY.test(text(name) ?? '') ? text(name) : undefined)
  return {
    q: text('q')?.slice(0, 200),
    kind: KINDS.find((one) => one === text('kind')),
    order: ORDERS.find((one) => one === text('order')),
    open: text('open') === 'true' ? true : text('open') === 'false' ? false : undefined,
    procedure: text('procedure'),
    unit: text('unit'),
    channel: text('channel'),
    from: day('from'),
    to: day('to'),
  }
}

/** Whether anything but the words narrows the answer. */
export const isNarrowed = (filter: SearchFilter): boolean => Object.entries(filter).some(([key, value]) => key !== 'q' && key !== 'order' && value !== undefined)

/** A day's begin in this computer's zone, as the server takes moments. */
const begin = (day: string) => new Date(`${day}T00:00:00`).toISOString()

export function useSearch(filter: MaybeRefOrGetter<SearchFilter>) {
  return useInfiniteQuery({
    queryKey: computed(() => ['cases', 'search', toValue(filter), session.value?.language]),
    queryFn: ({ pageParam }) => {
      const { from, to, ...rest } = toValue(filter)
      return ask(api.GET('/api/search', { params: { query: { ...rest, from: from && begin(from), to: to && begin(dayAfter(to)), after: pageParam, limit: 20 } } }))
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    enabled: computed(() => !!toValue(filter).q),
  })
}
