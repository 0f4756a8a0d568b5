/** A person's own notices: read, marked as seen, and how they want to be told. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/vue-query'
import { api, ask } from '../api/client'
import { session } from '../state/session'

const who = () => [session.value?.person.id, session.value?.language] as const

export const useNotices = (unread: MaybeRefOrGetter<boolean>) =>
  useInfiniteQuery({
    queryKey: computed(() => ['notices', 'list', toValue(unread), ...who()]),
    queryFn: ({ pageParam }) => ask(api.GET('/api/notices', { params: { query: { unread: toValue(unread), after: pageParam, limit: 50 } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  })

export const useUnread = () => useQuery({ queryKey: computed(() => ['notices', 'unread', ...who()]), queryFn: async () => (await ask(api.GET('/api/notices/unread'))).count })

/** The newest that were not seen, for who announces them. */
export const useFresh = () =>
  useQuery({
    queryKey: computed(() => ['notices', 'fresh', ...who()]),
    queryFn: async () => (await ask(api.GET('/api/notices', { params: { query: { unread: true, limit: 20 } } }))).items,
  })

/** How a person is told outside the house, and when not at all. */
export interface Choices {
  mail: string
  phone: string
  by_mail: string[]
  by_sms: string[]
  quiet_from?: number | null
  quiet_until?: number | null
}
export const noticeKinds = ['assigned', 'reminder', 'overdue', 'urged', 'signature', 'question', 'told'] as const

/** How this person's pages announce; kept with the person, because desks are shared. */
export interface Aloud {
  browser: boolean
  sound: boolean
}
export const readAloud = (kept: unknown): Aloud => {
  const value = (typeof kept === 'object' && kept !== null ? kept : {}) as Partial<Record<keyof Aloud, unknown>>
  return { browser: value.browser === true, sound: value.sound === true }
}

const always = { staleTime: 300_000 }
// The description names two shapes `Choices`; the one of notices is this module's own until it is named apart.
export const useChoices = () =>
  useQuery({ queryKey: computed(() => ['notice-choices', ...who()]), queryFn: async () => (await ask(api.GET('/api/notices/choices'))) as unknown as Choices, ...always })
export const useAloud = () =>
  useQuery({
    queryKey: computed(() => ['preferences', 'notices', ...who()]),
    queryFn: async () => readAloud((await ask(api.GET('/api/preferences/{key}', { params: { path: { key: 'notices' } } }))).value),
    ...always,
  })

export function useNoticeActs() {
  const queries = useQueryClient()
  const again = () => void queries.invalidateQueries({ queryKey: ['notices'] })
  return {
    seen: async (ids: string[]) => {
      await ask(api.POST('/api/notices/read', { body: { ids } }))
      again()
    },
    seenUpTo: async (upto: string) => {
      await ask(api.POST('/api/notices/read', { body: { upto } }))
      again()
    },
    choose: async (choices: Choices) => {
      const kept = (await ask(api.PUT('/api/notices/choices', { body: choices as never }))) as unknown as Choices
      void queries.invalidateQueries({ queryKey: ['notice-choices'] })
      return kept
    },
    aloud: async (value: Aloud) => {
      await ask(api.PUT('/api/preferences/{key}', { params: { path: { key: 'notices' } }, body: { value: value as never } }))
      void queries.invalidateQueries({ queryKey: ['preferences', 'notices'] })
    },
  }
}
