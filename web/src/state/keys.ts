import { onBeforeUnmount, onMounted, ref } from 'vue'
import type { Router } from 'vue-router'

const kept = 'shouwen.letters'

/** Whether single letters act; a person may switch them off. */
export const letters = ref(localStorage.getItem(kept) !== 'off')

export function setLetters(on: boolean): void {
  letters.value = on
  localStorage.setItem(kept, on ? 'on' : 'off')
}

export const helpOpen = ref(false)
export const paletteOpen = ref(false)

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.getAttribute('role') === 'combobox')

type Handler = (event: KeyboardEvent) => boolean | void
type Keys = Record<string, Handler>

const layers: Keys[] = []

/**
 * Keys of one screen or panel while it is there; the newest layer is asked first, and a handler that returns
 * false passes the key on. `ctrl+enter` and `escape` act while typing too, all others do not.
 */
export function useKeys(keys: Keys): void {
  onMounted(() => layers.push(keys))
  onBeforeUnmount(() => {
    const at = layers.lastIndexOf(keys)
    if (at >= 0) layers.splice(at, 1)
  })
}

function dispatch(name: string, event: KeyboardEvent): boolean {
  for (let i = layers.length - 1; i >= 0; i -= 1) {
    const handler = layers[i]?.[name]
    if (handler && handler(event) !== false) {
      event.preventDefault()
      return true
    }
  }
  return false
}

let going = 0

/** Listens once for the whole page. `goes` says where `g` and a letter lead. */
export function listenToKeys(router: Router, goes: Record<string, string>): void {
  window.addEventListener('keydown', (event) => {
    if (event.isComposing || event.defaultPrevented || event.altKey) return
    const key = event.key.toLowerCase()
    if (event.ctrlKey || event.metaKey) {
      dispatch(`ctrl+${key}`, event)
      return
    }
    if (key === 'escape') {
      dispatch('escape', event)
      return
    }
    if (typing(event.target) || !letters.value) return
    if (key === '?') {
      helpOpen.value = true
      event.preventDefault()
      return
    }
    if (going && Date.now() - going < 1500 && goes[key]) {
      going = 0
      event.preventDefault()
      void router.push(goes[key])
      return
    }
    going = key === 'g' ? Date.now() : 0
    if (key === 'enter' && event.target instanceof HTMLElement && event.target.closest('a, button, summary')) return
    dispatch(key, event)
  })
}
