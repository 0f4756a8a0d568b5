import type { ClauseTag, ProblemBody, Trial } from './types'

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
  return new Problem({ type: 'about:blank', title: '', detail: '', status, code })
}


/** A refusal by the regulation, in the shape of any other problem. */
export const refused = (say: string, clause?: ClauseTag | null, title = ''): Problem =>
  new Problem({ type: 'about:blank', status: 422, code: 'refused', title, detail: say, clause: clause ?? undefined })

/** What a trial says would stand against it. */
export const refusalOf = (trial: Trial | undefined): Problem | undefined =>
  trial?.refusal ? refused(trial.refusal, trial.clause) : undefined
