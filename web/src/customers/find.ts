/** Finds customers by whatever a person at the telephone has: a number's tail, a name, its initials, premises. */
import { api, ask } from '../api/client'
import type { CustomerLine } from '../api/types'

/** What is known of a customer in a list, from whichever read found them. */
export interface FoundCustomer {
  id: string
  name: string
  phones: string[]
  premises: string[]
  tags: string[]
  marked: boolean
  /** Unknown where only the index found them. */
  open_cases?: number
}

const digits = (words: string) => words.replace(/[\s-]/g, '')

/** Whether the words are the end of a number: only digits, at least four. */
export const isTail = (words: string): boolean => /^\+?\d{4,}$/.test(digits(words))

/** Whether the list of records is asked: a part of a name in Chinese, or the end of a number. */
export const byRecord = (words: string): boolean => isTail(words) || /[\u2e80-\u9fff]/.test(words)

/** Those the records named come first, then those only the index knew; each once. */
export function joined(records: readonly CustomerLine[], hits: readonly FoundCustomer[]): FoundCustomer[] {
  const known = new Set(records.map((one) => one.id))
  return [...records, ...hits.filter((one) => !known.has(one.id))]
}

export async function findCustomers(words: string, limit = 20): Promise<FoundCustomer[]> {
  const records = byRecord(words) ? ask(api.GET('/api/customers', { params: { query: { q: isTail(words) ? digits(words) : words, limit } } })).then((page) => page.items) : []
  // A number's tail is a right of its own and written down, so it is asked once only.
  const hits = isTail(words)
    ? []
    : ask(api.GET('/api/search', { params: { query: { q: words, kind: 'customer', limit } } })).then((page) =>
        page.items.map((hit) => ({
          id: hit.id,
          name: hit.customer?.name ?? hit.title.text,
          phones: hit.customer?.phones ?? [],
          premises: hit.excerpt.text ? [hit.excerpt.text] : [],
          tags: [],
          marked: false,
        })),
      )
  const [found, indexed] = await Promise.all([records, hits])
  return joined(found, indexed).slice(0, limit)
}
