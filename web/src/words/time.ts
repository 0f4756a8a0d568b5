/** Times and durations in words, for both languages; the only place that formats them. */

/** Says a message with its figures; vue-i18n's `t`, or a test's own. */
export type Say = (key: string, figures: Record<string, unknown>) => string

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export const lengths = { SECOND, MINUTE, HOUR, DAY }

/** `3分20秒`, `1小时17分`, `2天`: at most two parts, smaller ones dropped. Never negative. */
export function duration(ms: number, say: Say): string {
  const whole = Math.max(0, Math.floor(ms / SECOND))
  const s = whole % 60
  const m = Math.floor(whole / 60) % 60
  const h = Math.floor(whole / 3600) % 24
  const d = Math.floor(whole / 86400)
  const days = () => say('words.days', { n: d })
  if (d >= 10) return days()
  if (d > 0) return h > 0 ? say('words.two', { a: days(), b: say('words.hours', { n: h }) }) : days()
  if (h > 0) return m > 0 ? say('words.hours_minutes', { h, m }) : say('words.hours', { n: h })
  if (m > 0) return s > 0 ? say('words.minutes_seconds', { m, s: String(s).padStart(2, '0') }) : say('words.minutes', { n: m })
  return say('words.seconds', { n: s })
}

/** `1:17:02` from an hour up to a day, for a clock that ticks; else as `duration`. */
export function ticking(ms: number, say: Say): string {
  if (ms < HOUR || ms >= DAY) return duration(ms, say)
  const whole = Math.floor(ms / SECOND)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`
}

export interface Parts {
  year: number
  month: number
  day: number
  hour: string
  minute: string
}

const makers = new Map<string, Intl.DateTimeFormat>()

/** The wall clock's figures in a time zone; without one, this computer's. */
export function partsOf(ms: number, zone?: string): Parts {
  const key = zone ?? ''
  let maker = makers.get(key)
  if (!maker) {
    maker = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
    makers.set(key, maker)
  }
  const got: Record<string, string> = {}
  for (const part of maker.formatToParts(ms)) got[part.type] = part.value
  return { year: Number(got.year), month: Number(got.month), day: Number(got.day), hour: got.hour ?? '', minute: got.minute ?? '' }
}

const two = (n: number) => String(n).padStart(2, '0')

/** `11-18`, or `2025-11-18` in another year (`20 Nov`, `20 Nov 2025`). */
export function date(ms: number, now: number, say: Say, zone?: string): string {
  const at = partsOf(ms, zone)
  const month = say(`words.month_${at.month}`, {})
  const figures = { y: at.year, m: two(at.month), d: two(at.day), day: at.day, month }
  return at.year === partsOf(now, zone).year ? say('words.date', figures) : say('words.date_year', figures)
}

/** Whether two moments fall on the same day. */
export function sameDay(a: number, b: number, zone?: string): boolean {
  const x = partsOf(a, zone)
  const y = partsOf(b, zone)
  return x.year === y.year && x.month === y.month && x.day === y.day
}

/** `14:32`. */
export function hours(ms: number, zone?: string): string {
  const at = partsOf(ms, zone)
  return `${at.hour}:${at.minute}`
}

/** `14:26` today, `11-18 14:26` this year, with the year before. */
export function moment(ms: number, now: number, say: Say, zone?: string): string {
  return sameDay(ms, now, zone) ? hours(ms, zone) : say('words.date_time', { date: date(ms, now, say, zone), time: hours(ms, zone) })
}

/** As `moment`, with today named: `今天17:00`. For what is due. */
export function dueMoment(ms: number, now: number, say: Say, zone?: string): string {
  return sameDay(ms, now, zone) ? say('words.today', { time: hours(ms, zone) }) : moment(ms, now, say, zone)
}

/** `2026年11月20日 13:41`, for forms. */
export function formal(ms: number, say: Say, zone?: string): string {
  const at = partsOf(ms, zone)
  return say('words.formal', { y: at.year, m: at.month, d: at.day, month: say(`words.month_${at.month}`, {}), time: `${at.hour}:${at.minute}` })
}

/** `2026-11-20`, the form dates travel in. */
export function isoDay(ms: number, zone?: string): string {
  const at = partsOf(ms, zone)
  return `${at.year}-${two(at.month)}-${two(at.day)}`
}
