/** Which notices are announced aloud, and when not. Pure: the time and the mark come in, a new mark goes out. */

/** What deciding needs of a notice; ids grow with time. */
export interface Announced {
  id: string
  seen_at?: string | null
}

/** Whether this minute of the day lies in the quiet span; it may go over midnight and is over at its end. */
export function isQuiet(minute: number, from?: number | null, until?: number | null): boolean {
  if (from == null || until == null || from === until) return false
  return from < until ? minute >= from && minute < until : minute >= from || minute < until
}

/** Whether an id lies behind another. They are longer than a number holds exactly, so they are compared as text. */
export const after = (id: string, mark: string): boolean => id.length > mark.length || (id.length === mark.length && id > mark)

export interface Announcement<N> {
  /** What is announced now, oldest first. */
  news: N[]
  /** Everything up to this one counts as announced from now on, by whatever page looked first. */
  mark: string
}

/**
 * What came since the mark and was not seen. Without a mark nothing is announced: whoever opens the desk in the
 * morning reads the inbox and is not shouted at. In quiet hours the mark moves on all the same: nothing is saved up.
 */
export function toAnnounce<N extends Announced>(notices: readonly N[], mark: string | undefined, quiet: boolean): Announcement<N> {
  const newest = notices.reduce((top, one) => (after(one.id, top) ? one.id : top), mark ?? '0')
  const news = mark === undefined || quiet ? [] : notices.filter((one) => !one.seen_at && after(one.id, mark))
  return { news: [...news].sort((a, b) => (after(a.id, b.id) ? 1 : -1)), mark: newest }
}

/** `21:30` out of a minute of the day, for a time field; and back. */
export const clockOf = (minute: number | null | undefined): string => (minute == null ? '' : `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`)
export function minuteOf(clock: string): number | null {
  const found = /^(\d{1,2}):(\d{2})$/.exec(clock)
  if (!found) return null
  const minute = Number(found[1]) * 60 + Number(found[2])
  return minute < 1440 && Number(found[2]) < 60 ? minute : null
}
