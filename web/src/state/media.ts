import { ref, type Ref } from 'vue'

function media(query: string): Ref<boolean> {
  const list = window.matchMedia(query)
  const matches = ref(list.matches)
  list.addEventListener('change', (event) => (matches.value = event.matches))
  return matches
}

/** Widths at which the layout changes; the same figures stand in styles/shell.css. */
export const isPhone = media('(max-width: 767.98px)')
export const isSingle = media('(max-width: 1023.98px)')
export const hasCustomerPane = media('(min-width: 1280px)')
export const hasSidePanel = media('(min-width: 1024px)')
/** A screen that is touched: most likely it has a camera. */
export const hasTouch = media('(pointer: coarse)')
