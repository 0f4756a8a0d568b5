import type { ProblemBody } from './types'

/** The one shape of everything that went wrong: what the server refused, or that it could not be reached. */
export class Problem extends Error {
  constructor(readonly body: ProblemBody) {
    super(body.detail ?? body.title)
    this.name = 'Problem'
  }
  get code(): string {
    return this.body.code
  }
}

const isBody = (value: unknown): value is ProblemBody =>
  typeof value === 'object' && value !== null && typeof (value as ProblemBody).code === 'string'

/** A problem out of anything thrown or answered; answers that are no problem document count as unreachable. */
export function problemOf(cause: unknown, status = 0): Problem {
  if (cause instanceof Problem) return cause
  if (isBody(cause)) return new Problem(cause)
  const code = status === 0 ? 'offline' : status >= 500 ? 'unavailable' : 'unknown'
  return new Problem({ type: 'about:blank', title: '', status, code })
}

/** The sentence that belongs to one field, if the server named it. */
export function problemOfField(problem: Problem | undefined, key: string): string | undefined {
  return problem?.body.problems?.find((entry) => entry.field === key)?.say
}
