import { ref, watchEffect } from 'vue'

export type Theme = 'system' | 'light' | 'dark'

const key = 'shouwen.theme'
const kept = localStorage.getItem(key)

export const theme = ref<Theme>(kept === 'light' || kept === 'dark' ? kept : 'system')

/** Puts the theme on the page, and follows the system where nothing was chosen. */
export function followTheme(): void {
  const dark = window.matchMedia('(prefers-color-scheme: dark)')
  const apply = () => {
    const on = theme.value === 'dark' || (theme.value === 'system' && dark.matches)
    document.documentElement.classList.toggle('dark', on)
  }
  dark.addEventListener('change', apply)
  watchEffect(() => {
    localStorage.setItem(key, theme.value)
    apply()
  })
}
