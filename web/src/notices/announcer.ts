/** Announces new notices once per person and computer, however many pages stand open. */
import { watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import type { Notice } from '../api/types'
import { session } from '../state/session'
import { isQuiet, toAnnounce } from './announcing'
import { useAloud, useChoices, useFresh } from './notices'

const keyOf = (person: string) => `shouwen.announced.${person}`

/** One page at a time looks at the mark and moves it. */
function alone(act: () => void): void {
  if (navigator.locks) void navigator.locks.request('shouwen.announce', act)
  else act()
}

let audio: AudioContext | undefined
/** Two short soft tones. Browsers play nothing before the person has touched the page; then it stays silent. */
export function ring(): void {
  try {
    audio ??= new AudioContext()
    void audio.resume()
    for (const [at, hertz] of [
      [0, 660],
      [0.16, 880],
    ] as const) {
      const tone = audio.createOscillator()
      const loud = audio.createGain()
      tone.frequency.value = hertz
      const begin = audio.currentTime + at
      loud.gain.setValueAtTime(0.0001, begin)
      loud.gain.exponentialRampToValueAtTime(0.12, begin + 0.02)
      loud.gain.exponentialRampToValueAtTime(0.0001, begin + 0.14)
      tone.connect(loud).connect(audio.destination)
      tone.start(begin)
      tone.stop(begin + 0.15)
    }
  } catch {
    // No sound on this computer: the badge tells the same.
  }
}

export const canNotify = (): boolean => 'Notification' in globalThis && Notification.permission === 'granted'

export function useAnnouncer(): void {
  const router = useRouter()
  const { t } = useI18n()
  const { data: fresh } = useFresh()
  const { data: choices } = useChoices()
  const { data: aloud } = useAloud()

  function show(notice: Notice): void {
    const shown = new Notification(notice.title, { body: t('notices.body', { number: notice.number, text: notice.text }), tag: notice.id })
    shown.onclick = () => {
      window.focus()
      void router.push({ name: 'case', params: { id: notice.case } })
      shown.close()
    }
  }
  watch([fresh, choices, aloud], ([list, chosen, how]) => {
    const person = session.value?.person.id
    if (!list || !chosen || !how || !person) return
    alone(() => {
      const at = new Date()
      const quiet = isQuiet(at.getHours() * 60 + at.getMinutes(), chosen.quiet_from, chosen.quiet_until)
      const before = localStorage.getItem(keyOf(person)) ?? undefined
      const { news, mark } = toAnnounce(list, before, quiet)
      if (mark === before) return
      try {
        localStorage.setItem(keyOf(person), mark)
      } catch {
        return // Without a mark it would be said again and again: rather not at all.
      }
      if (!news.length) return
      if (how.sound) ring()
      if (how.browser && canNotify()) for (const one of news.slice(-3)) show(one)
    })
  })
}
