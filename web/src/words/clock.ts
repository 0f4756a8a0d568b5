/** A clock's glyph, words and colour out of its record and the time; the whole status language is here. */
import type { Clock, ClockLike, ClockState } from '../api/types'
import { dueMoment, duration, lengths, ticking, type Say } from './time'

export interface ClockFace {
  /** The state as shown: a running clock becomes soon and overdue by itself as time passes. */
  state: ClockState
  words: string
  /** Share of the time used, 0–100, for the ring. */
  elapsed: number
  /** Whether the words change within the minute. */
  seconds: boolean
}

/** `left` always tells what is left; `due` names the moment when it is two hours away or more; `live` ticks. */
export type ClockStyle = 'left' | 'due' | 'live'

const time = (iso: string | null | undefined): number | undefined => (iso ? Date.parse(iso) : undefined)

/** The state now, from the record alone; the server's word stands for everything that is not running. */
export function stateAt(clock: ClockLike, now: number): ClockState {
  const told = known(clock.state)
  if (told !== 'running' && told !== 'soon') return told
  const due = time(clock.due_at)
  if (due !== undefined && now > due) return 'overdue'
  const soon = time(clock.soon_at) ?? threeQuarters(clock)
  if (soon !== undefined && now >= soon) return 'soon'
  return told
}

const states: readonly string[] = ['pending', 'running', 'soon', 'overdue', 'kept', 'kept_late', 'paused', 'exempt', 'lapsed']
/** A state this version does not know is shown as not begun rather than as fine. */
const known = (state: string): ClockState => (states.includes(state) ? (state as ClockState) : 'pending')

function threeQuarters(clock: ClockLike): number | undefined {
  const from = time(clock.started_at)
  const due = time(clock.due_at)
  return from === undefined || due === undefined ? undefined : from + (due - from) * 0.75
}

export function face(shown: ClockLike, now: number, say: Say, style: ClockStyle = 'left', zone?: string): ClockFace {
  const clock: Partial<Clock> = shown
  const state = stateAt(shown, now)
  const due = time(clock.due_at)
  const from = time(clock.started_at)
  const elapsed =
    due === undefined || from === undefined || due <= from ? 0 : Math.min(100, Math.max(0, ((now - from) / (due - from)) * 100))
  const words = (key: string, figures: Record<string, unknown> = {}) => say(`clock.${key}`, figures)
  const length = (ms: number) => (style === 'live' ? ticking(ms, say) : duration(ms, say))
  switch (state) {
    case 'running':
    case 'soon': {
      if (due === undefined) return { state, words: words('running'), elapsed, seconds: false }
      const left = due - now
      if (style === 'due' && left >= 2 * lengths.HOUR) return { state, words: dueMoment(due, now, say, zone), elapsed, seconds: false }
      return { state, words: words('left', { length: length(left) }), elapsed, seconds: left < (style === 'live' ? lengths.DAY : lengths.HOUR) }
    }
    case 'overdue': {
      const over = due === undefined ? 0 : now - due
      return { state, words: words('over', { length: duration(over, say) }), elapsed: 100, seconds: over < lengths.HOUR }
    }
    case 'kept': {
      const took = clock.took_ms ?? span(clock)
      return { state, words: took === undefined ? words('kept') : words('took', { length: duration(took, say) }), elapsed: 100, seconds: false }
    }
    case 'kept_late': {
      const late = clock.late_ms ?? (time(clock.ended_at) ?? 0) - (due ?? 0)
      return { state, words: words('was_late', { length: duration(late, say) }), elapsed: 100, seconds: false }
    }
    case 'paused':
      return { state, words: joined(words('paused'), clock.reason, say), elapsed, seconds: false }
    case 'exempt':
      return { state, words: joined(words('exempt'), clock.reason, say), elapsed, seconds: false }
    case 'lapsed':
      return { state, words: joined(words('lapsed'), clock.reason, say), elapsed, seconds: false }
    case 'pending':
      return { state, words: words('pending'), elapsed: 0, seconds: false }
  }
}

function span(clock: Partial<Clock>): number | undefined {
  const from = time(clock.started_at)
  const end = time(clock.ended_at)
  return from === undefined || end === undefined ? undefined : end - from
}

function joined(word: string, reason: string | null | undefined, say: Say): string {
  return reason ? say('clock.because', { word, reason }) : word
}

export type Group = 'overdue' | 'soon' | 'later'

/** Which of the queue's groups a case belongs to: late, within two hours, later (or without a clock). */
export function groupOf(nearest: ClockLike | null | undefined, now: number): Group {
  if (!nearest?.due_at || nearest.state === 'paused') return 'later'
  const due = Date.parse(nearest.due_at)
  if (stateAt(nearest, now) === 'overdue') return 'overdue'
  return due - now <= 2 * lengths.HOUR ? 'soon' : 'later'
}
