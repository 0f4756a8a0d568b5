/** One act on many cases: a request for each, so that each stands or falls alone, and a result for each. */
import { api, ask } from '../api/client'
import { problemOf } from '../api/problem'
import { sendingKey } from '../api/queries'
import type { ClauseTag, Input, Offer } from '../api/types'

export type Result = 'done' | 'no' | 'hold'

export interface Outcome {
  /** Done, refused by the regulation, or changed by someone else meanwhile. */
  result: Result
  say: string
  clause?: ClauseTag
}

export interface Chosen {
  id: string
  version: number
}

/** So many requests at a time: a batch of fifty must not hold up a colleague's page. */
const AT_ONCE = 4

/** What can be asked of many at once: the same form for each, nothing to sign or attach, and no end without a look. */
export const inBatch = (offer: Offer): boolean =>
  offer.state !== 'refused' && !offer.ends && !offer.fields.some((field) => ['signature', 'files', 'rows'].includes(field.kind))

/** What became of one request. */
export function outcomeOf(cause: unknown): Outcome {
  const { body } = problemOf(cause)
  const say = [body.title, body.detail].filter((words, at, all) => words && all.indexOf(words) === at).join('，') || body.code
  return { result: body.code === 'stale' || body.code === 'taken' ? 'hold' : 'no', say, clause: body.clause ?? undefined }
}

/** Does the work for each, a few at a time and in order; tells of each as soon as it is known. */
export async function each<T>(list: readonly T[], work: (one: T) => Promise<Outcome>, tell: (one: T, outcome: Outcome) => void): Promise<void> {
  let next = 0
  const worker = async () => {
    for (let one = list[next]; one !== undefined; one = list[next]) {
      next += 1
      tell(one, await work(one))
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, list.length) }, worker))
}

/** Sends one act to every chosen case. */
export function actOnEach(chosen: readonly Chosen[], action: string, input: Input, done: string, tell: (one: Chosen, outcome: Outcome) => void): Promise<void> {
  return each(
    chosen,
    async ({ id, version }) => {
      try {
        await ask(
          api.POST('/api/cases/{id}/actions/{action}', {
            params: { path: { id, action } },
            body: { input, seen: version },
            headers: { 'idempotency-key': sendingKey() },
          }),
        )
        return { result: 'done', say: done }
      } catch (cause) {
        return outcomeOf(cause)
      }
    },
    tell,
  )
}

/** How many came out how. */
export function counts(outcomes: Iterable<Outcome>): Record<Result, number> {
  const sum: Record<Result, number> = { done: 0, no: 0, hold: 0 }
  for (const one of outcomes) sum[one.result] += 1
  return sum
}
