import { createI18n } from 'vue-i18n'
import zh from './messages/zh-CN.json'
import en from './messages/en.json'

export type Locale = 'zh-CN' | 'en'

/** The interface's language for the server's word for it. */
export const localeOf = (language: string | null | undefined): Locale => (language?.startsWith('en') ? 'en' : 'zh-CN')

const kept = (): Locale => localeOf(globalThis.localStorage?.getItem('shouwen.language'))

export const i18n = createI18n<[typeof zh], Locale, false>({
  legacy: false,
  locale: kept(),
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zh, en },
})

/** Switches every word on the screen, and the fonts by `lang`. */
export function speak(locale: Locale): void {
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
  localStorage.setItem('shouwen.language', locale)
}
