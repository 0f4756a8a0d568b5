/** The report's period out of the address, this month where it names none. */
import { isoDay, partsOf } from '../words/time'

export interface Period {
  from: string
  to: string
}

const DAY = /^\d{4}-\d{2}-\d{2}$/

export function periodOf(from: unknown, to: unknown, now: number, zone?: string): Period {
  const at = partsOf(now, zone)
  const first = `${at.year}-${String(at.month).padStart(2, '0')}-01`
  return {
    from: typeof from === 'string' && DAY.test(from) ? from : first,
    to: typeof to === 'string' && DAY.test(to) ? to : isoDay(now, zone),
  }
}

/** The month before or after, whole. `by` in months. */
export function monthBeside(period: Period, by: number): Period {
  const [year = 1970, month = 1] = period.from.split('-').map(Number)
  const first = new Date(Date.UTC(year, month - 1 + by, 1))
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0))
  const text = (day: Date) => day.toISOString().slice(0, 10)
  return { from: text(first), to: text(last) }
}

/** The day after: people name the last day, the server the first one that no longer counts. */
export function dayAfter(day: string): string {
  const next = new Date(`${day}T00:00:00Z`)
  next.setUTCDate(next.getUTCDate() + 1)
  return next.toISOString().slice(0, 10)
}
