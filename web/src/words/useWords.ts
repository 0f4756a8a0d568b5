import { useI18n } from 'vue-i18n'
import { now } from '../state/now'
import { useZone } from '../state/session'
import { date, dueMoment, duration, formal, moment, type Say } from './time'

/** The message with its figures; figures named `n` choose the plural. */
export function useSay(): Say {
  const { t } = useI18n()
  return (key, figures) => (typeof figures.n === 'number' ? t(key, figures, figures.n) : t(key, figures))
}

/** Dates and lengths of a record in the person's words. */
export function useWords() {
  const say = useSay()
  const zone = useZone()
  const at = (iso: string) => Date.parse(iso)
  return {
    say,
    moment: (iso: string) => moment(at(iso), now(), say, zone.value),
    due: (iso: string) => dueMoment(at(iso), now(), say, zone.value),
    date: (iso: string) => date(at(iso), now(), say, zone.value),
    formal: (iso: string) => formal(at(iso), say, zone.value),
    duration: (ms: number) => duration(ms, say),
  }
}
