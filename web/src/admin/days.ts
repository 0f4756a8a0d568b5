/** Days as people choose them, and the moments that the server wants. */
import { dayAfter } from '../report/period'

const DAY = /^\d{4}-\d{2}-\d{2}$/

/** The moment at which a day begins on this computer's clock, which is the centre's. */
export const beginOf = (day: string): string | undefined => (DAY.test(day) ? new Date(`${day}T00:00:00`).toISOString() : undefined)

/** The moment at which a day ends: until the 5th means through the whole of it. */
export const endOf = (day: string): string | undefined => (DAY.test(day) ? beginOf(dayAfter(day)) : undefined)

/** Where a function stands in time. */
export function standing(held: { since: string; until?: string | null }, now: number): 'coming' | 'held' | 'ended' {
  if (held.until && Date.parse(held.until) <= now) return 'ended'
  return Date.parse(held.since) > now ? 'coming' : 'held'
}

/** A unit with the depth at which it hangs, the upper ones first and each followed by what lies below it. */
export function tree<Unit extends { id: string; parent?: string | null }>(units: readonly Unit[]): { unit: Unit; depth: number }[] {
  const known = new Set(units.map((unit) => unit.id))
  const below = new Map<string, Unit[]>()
  for (const unit of units) {
    const above = unit.parent && known.has(unit.parent) ? unit.parent : ''
    below.set(above, [...(below.get(above) ?? []), unit])
  }
  const walk = (above: string, depth: number): { unit: Unit; depth: number }[] =>
    (below.get(above) ?? []).flatMap((unit) => [{ unit, depth }, ...walk(unit.id, depth + 1)])
  return walk('', 0)
}
