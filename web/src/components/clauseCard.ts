import { shallowRef } from 'vue'
import type { ClauseTag } from '../api/types'

/** The one card that tells what a clause says; whichever tag is pointed at or focused owns it. */
export const shownClause = shallowRef<{ tag: ClauseTag; anchor: HTMLElement }>()

let timer: ReturnType<typeof setTimeout> | undefined

export function showClause(tag: ClauseTag, anchor: HTMLElement, wait: number): void {
  clearTimeout(timer)
  timer = setTimeout(() => (shownClause.value = { tag, anchor }), wait)
}

export function hideClause(wait = 150): void {
  clearTimeout(timer)
  timer = setTimeout(() => (shownClause.value = undefined), wait)
}

export const keepClause = (): void => clearTimeout(timer)
