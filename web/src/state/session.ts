import { computed, ref, type ComputedRef } from 'vue'
import { api, ask, carry } from '../api/client'
import type { Session } from '../api/types'
import { localeOf, speak, i18n } from '../i18n'

/** Who is logged in; undefined before the first answer, null when nobody is. */
export const session = ref<Session | null | undefined>(undefined)

function take(got: Session): Session {
  session.value = got
  const locale = localeOf(got.language)
  speak(locale)
  carry(got.csrf, locale)
  return got
}

export async function whoAmI(): Promise<Session | null> {
  try {
    return take(await ask(api.GET('/api/session')))
  } catch (cause) {
    session.value = null
    carry('', i18n.global.locale.value)
    const code = (cause as { code?: string }).code
    if (code !== 'unauthenticated') throw cause
    return null
  }
}

export async function logIn(login: string, password: string, code?: string): Promise<Session> {
  const chosen = i18n.global.locale.value
  const got = take(await ask(api.POST('/api/session', { body: { login, password, code } })))
  if (localeOf(got.language) !== chosen) await changeLanguage(chosen)
  return got
}

/** Whether the session ended while its pages stand: logging in again lies over them. */
export const expired = ref(false)

/** The same person again, on the page that stands. */
export async function logInAgain(password: string, code?: string): Promise<Session> {
  const login = session.value?.person.login ?? ''
  const got = take(await ask(api.POST('/api/session', { body: { login, password, code } })))
  expired.value = false
  return got
}

/** The company's provider, if people may log in by it. */
export const providerWay = async () => (await ask(api.GET('/api/session/ways'))).oidc ?? undefined

/** Where the browser goes to log in by the company's provider, and come back to `to`. */
export const providerAddress = async (to: string): Promise<string> => (await ask(api.POST('/api/session/oidc', { body: { to } }))).address

/** What the provider sent along with the browser; gives the place that was wanted. */
export async function comeBack(answer: { state: string; code?: string; iss?: string; error?: string }): Promise<string> {
  const came = await ask(api.POST('/api/session/oidc/return', { body: answer }))
  take(came.session)
  return came.to
}

/** The code of the second factor after coming back; gives the place that was wanted. */
export async function comeBackWithCode(state: string, code: string): Promise<string> {
  const came = await ask(api.POST('/api/session/oidc/second-factor', { body: { state, code } }))
  take(came.session)
  return came.to
}

export async function logOut(): Promise<void> {
  try {
    await ask(api.DELETE('/api/session'))
  } catch (cause) {
    // A session that has ended needs no end.
    if ((cause as { code?: string }).code !== 'unauthenticated') throw cause
  }
  expired.value = false
  session.value = null
}

export async function changeLanguage(locale: 'zh-CN' | 'en'): Promise<void> {
  speak(locale)
  carry(session.value?.csrf ?? '', locale)
  if (!session.value) return
  await ask(api.PUT('/api/session/language', { body: { language: locale === 'en' ? 'en' : 'zh' } }))
  // What the server says comes in the new language, so it is asked again: lists read by `language` in their keys.
  take(await ask(api.GET('/api/session')))
}

/** The time zone the screens speak: that of the person's unit, whatever this computer is set to. */
export const useZone = (): ComputedRef<string | undefined> => computed(() => session.value?.zone)
