import createClient, { type Middleware } from 'openapi-fetch'
import type { paths } from './schema'
import { problemOf } from './problem'
import { hearServerTime } from '../state/now'

let csrf = ''
let language = 'zh-CN'

/** Keeps what every unsafe request must carry, as the session told it. */
export function carry(token: string, tongue?: string): void {
  csrf = token
  if (tongue) language = tongue
}

/** The same for what cannot go through `api`: an upload that tells its progress. */
export const carried = (): { csrf: string; language: string } => ({ csrf, language })

const headers: Middleware = {
  onRequest({ request }) {
    request.headers.set('accept-language', language)
    if (request.method !== 'GET') request.headers.set('x-csrf-token', csrf)
    return request
  },
  onResponse({ response }) {
    hearServerTime(response.headers.get('date'))
  },
}

export const api = createClient<paths>({ baseUrl: '/', credentials: 'same-origin' })
api.use(headers)

let out: (cause: unknown) => void = () => undefined

/** Is told of every answer that says the session has ended, whoever asked. */
export function whenUnauthenticated(tell: (cause: unknown) => void): void {
  out = tell
}

type Answer<T> = { data?: T; error?: unknown; response: Response }

/** The answer's body, or the problem thrown; every call to the server goes through here. */
export async function ask<T>(answer: Promise<Answer<T>>): Promise<T> {
  let got: Answer<T>
  try {
    got = await answer
  } catch (cause) {
    throw problemOf(cause)
  }
  if (!got.response.ok || got.error !== undefined) {
    const problem = problemOf(got.error, got.response.status)
    if (problem.code === 'unauthenticated') out(problem)
    throw problem
  }
  return got.data as T
}
