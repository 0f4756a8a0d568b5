import { ref, watch } from 'vue'
import { session } from './session'

export interface Recent {
  id: string
  number: string
  subject: string
}

/** So many cases are remembered: what fits the palette without scrolling. */
const MOST = 8

const keyOf = (person: string) => `shouwen.recent.${person}`

function read(person: string): Recent[] {
  try {
    const got: unknown = JSON.parse(localStorage.getItem(keyOf(person)) ?? '[]')
    return Array.isArray(got) ? (got as Recent[]).filter((one) => typeof one?.id === 'string').slice(0, MOST) : []
  } catch {
    return []
  }
}

/** The cases this person looked at last on this computer, the newest first. */
export const recent = ref<Recent[]>([])

watch(
  () => session.value?.person.id,
  (person) => (recent.value = person ? read(person) : []),
  { immediate: true },
)

/** The list with this case in front, each case once. */
export const withVisit = (list: readonly Recent[], seen: Recent): Recent[] =>
  [seen, ...list.filter((one) => one.id !== seen.id)].slice(0, MOST)

export function visited(seen: Recent): void {
  const person = session.value?.person.id
  if (!person) return
  recent.value = withVisit(recent.value, { id: seen.id, number: seen.number, subject: seen.subject })
  try {
    localStorage.setItem(keyOf(person), JSON.stringify(recent.value))
  } catch {
    // A full store only costs the memory of what was looked at.
  }
}
