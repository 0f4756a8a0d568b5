/** Long work that the server does by itself: how far it is, and reading it again until it has ended. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { useQuery } from '@tanstack/vue-query'
import { api, ask } from '../api/client'
import type { Job } from '../api/types'

export const ended = (job: Pick<Job, 'state'> | undefined): boolean => !!job && !['waiting', 'running'].includes(job.state)

/** Share done, 0 to 100; none while the whole is not known. */
export const share = (job: Pick<Job, 'done' | 'total'>): number | undefined => (job.total > 0 ? Math.min(100, Math.round((job.done / job.total) * 100)) : undefined)

/** A job, read each second until it has ended: its progress is in no live event. */
export const useJob = (id: MaybeRefOrGetter<string | undefined>) =>
  useQuery({
    queryKey: computed(() => ['jobs', toValue(id)]),
    queryFn: () => ask(api.GET('/api/jobs/{id}', { params: { path: { id: toValue(id)! } } })),
    enabled: computed(() => !!toValue(id)),
    refetchInterval: (query) => (ended(query.state.data) ? false : 1000),
  })

export const cancel = (id: string) => ask(api.DELETE('/api/jobs/{id}', { params: { path: { id } } }))
