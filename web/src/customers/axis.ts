/** A year of a customer on one axis: months, dots for contacts, bars for cases in lanes that do not overlap. Pure. */

export interface Span {
  key: string
  from: number
  to: number
  /** Ends late or stands late now. */
  late: boolean
  open: boolean
  text: string
}
export interface Bar extends Span {
  left: number
  width: number
  lane: number
}

/** The first moments of the months between two moments. */
export function months(from: number, to: number): { at: number; month: number; left: number }[] {
  const found: { at: number; month: number; left: number }[] = []
  const start = new Date(from)
  for (let at = new Date(start.getFullYear(), start.getMonth() + 1, 1); at.getTime() < to; at = new Date(at.getFullYear(), at.getMonth() + 1, 1))
    found.push({ at: at.getTime(), month: at.getMonth() + 1, left: place(at.getTime(), from, to) })
  return found
}

/** Where a moment stands, in percent of the axis. */
export const place = (at: number, from: number, to: number): number => Math.min(100, Math.max(0, ((at - from) / (to - from)) * 100))

/** Bars in as few lanes as their words allow: `room` is the least share of the axis a bar with its words takes. */
export function bars(spans: readonly Span[], from: number, to: number, room = 16): Bar[] {
  const ends: number[] = []
  return [...spans]
    .filter((one) => one.to >= from)
    .sort((a, b) => a.from - b.from)
    .map((one) => {
      const left = place(one.from, from, to)
      const width = Math.max(1, place(one.to, from, to) - left)
      const taken = Math.min(left, 100 - room)
      let lane = ends.findIndex((end) => end <= taken)
      if (lane < 0) lane = ends.length
      ends[lane] = Math.max(left + width, taken + room)
      return { ...one, left, width, lane }
    })
}
