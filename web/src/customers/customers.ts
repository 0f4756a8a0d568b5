/** What the customer's page reads and changes. Keys begin so that live events about cases reach them. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/vue-query'
import { api, ask } from '../api/client'
import type { Customer, CustomerInput, Merge } from '../api/types'
import { session } from '../state/session'
import { byRecord, findCustomers, isTail, type FoundCustomer } from './find'

const tongue = () => session.value?.language

interface Found {
  items: FoundCustomer[]
  next?: string | null
}

/** The list: all in order, or those found by what was typed. */
export function useCustomers(words: MaybeRefOrGetter<string>) {
  return useInfiniteQuery({
    queryKey: computed(() => ['customers', toValue(words)]),
    queryFn: async ({ pageParam }): Promise<Found> => {
      const q = toValue(words)
      if (q && !(byRecord(q) && isTail(q))) return { items: await findCustomers(q, 50) }
      return ask(api.GET('/api/customers', { params: { query: { q: q.replace(/[\s-]/g, '') || undefined, after: pageParam } } }))
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
  })
}

export const useCustomer = (id: MaybeRefOrGetter<string>) =>
  useQuery({
    queryKey: computed(() => ['customer', toValue(id), tongue()]),
    queryFn: () => ask(api.GET('/api/customers/{id}', { params: { path: { id: toValue(id) } } })),
  })

export const useCustomerCases = (id: MaybeRefOrGetter<string>) =>
  useInfiniteQuery({
    queryKey: computed(() => ['cases', 'customer', toValue(id), tongue()]),
    queryFn: ({ pageParam }) => ask(api.GET('/api/customers/{id}/cases', { params: { path: { id: toValue(id) }, query: { after: pageParam, limit: 50 } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  })

export const useCustomerContacts = (id: MaybeRefOrGetter<string>) =>
  useInfiniteQuery({
    queryKey: computed(() => ['customer', toValue(id), 'contacts', tongue()]),
    queryFn: ({ pageParam }) => ask(api.GET('/api/customers/{id}/contacts', { params: { path: { id: toValue(id) }, query: { after: pageParam, limit: 50 } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  })

export const useAlikeCustomers = (id: MaybeRefOrGetter<string>, ready: MaybeRefOrGetter<boolean>) =>
  useQuery({
    queryKey: computed(() => ['customer', toValue(id), 'alike', tongue()]),
    queryFn: () => ask(api.GET('/api/customers/{id}/alike', { params: { path: { id: toValue(id) } } })),
    enabled: computed(() => toValue(ready)),
  })

export const useLooks = (id: MaybeRefOrGetter<string>, ready: MaybeRefOrGetter<boolean>) =>
  useQuery({
    queryKey: computed(() => ['customer', toValue(id), 'looks', tongue()]),
    queryFn: () => ask(api.GET('/api/customers/{id}/looks', { params: { path: { id: toValue(id) }, query: { limit: 10 } } })),
    enabled: computed(() => toValue(ready)),
  })

export function useCustomerActs() {
  const queries = useQueryClient()
  /** The record as the answer told it goes on the screen; everything that hangs on it is read again. */
  function stands(view: Customer): Customer {
    queries.setQueryData(['customer', view.id, tongue()], view)
    for (const list of ['customers', 'customer', 'choices', 'case']) void queries.invalidateQueries({ queryKey: [list] })
    return view
  }
  return {
    change: async (id: string, about: CustomerInput, seen: number) =>
      stands(await ask(api.PATCH('/api/customers/{id}', { params: { path: { id } }, body: { about, seen } }))),
    /** The record as it is now, past every cache. */
    read: (id: string) => ask(api.GET('/api/customers/{id}', { params: { path: { id } } })),
    unmask: async (id: string, no: number, reason: string) => {
      const shown = await ask(api.POST('/api/customers/{id}/unmask', { params: { path: { id } }, body: { no, reason } }))
      void queries.invalidateQueries({ queryKey: ['customer', id, 'looks'] })
      return shown
    },
    merge: async (id: string, body: Merge) => {
      const merged = await ask(api.POST('/api/customers/{id}/merge', { params: { path: { id } }, body }))
      stands(merged.customer)
      for (const list of ['cases', 'queue']) void queries.invalidateQueries({ queryKey: [list] })
      return merged
    },
    part: async (id: string, other: string, reason: string) => {
      const parted = await ask(api.POST('/api/customers/{id}/part', { params: { path: { id } }, body: { other, reason } }))
      stands(parted.customer)
      return parted
    },
    data: (id: string, reason: string) => ask(api.POST('/api/customers/{id}/data', { params: { path: { id } }, body: { reason } })),
    erase: async (id: string, reason: string, dry_run: boolean) => {
      const told = await ask(api.POST('/api/customers/{id}/erasure', { params: { path: { id } }, body: { reason, dry_run } }))
      if (told.done) for (const list of ['customers', 'customer', 'choices', 'cases', 'case', 'queue']) void queries.invalidateQueries({ queryKey: [list] })
      return told
    },
  }
}
