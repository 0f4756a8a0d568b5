import { MutationCache, QueryCache, QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { createApp, watch } from 'vue'
import 'element-plus/theme-chalk/base.css'
import './forms/elements'
import './styles/tokens.css'
import './styles/shell.css'
import App from './App.vue'
import { whenUnauthenticated } from './api/client'
import { Problem } from './api/problem'
import { i18n, speak } from './i18n'
import { router } from './router'
import { goes } from './shell/places'
import { listenToKeys } from './state/keys'
import { followLive, stopLive } from './state/live'
import { expired, session } from './state/session'
import { followTheme } from './state/theme'
import { watchVersion } from './state/version'

/** A session that ended elsewhere is begun again over the page that stands, so that nothing typed is lost. */
function whenOut(cause: unknown): void {
  if (cause instanceof Problem && cause.code === 'unauthenticated' && session.value) expired.value = true
}
whenUnauthenticated(whenOut)

const queries = new QueryClient({
  queryCache: new QueryCache({ onError: whenOut }),
  mutationCache: new MutationCache({ onError: whenOut }),
  // Live events say when something changed, so nothing is polled; a failed read is told at once.
  defaultOptions: { queries: { staleTime: 30_000, retry: false, refetchOnWindowFocus: false } },
})

followTheme()
watchVersion()
speak(i18n.global.locale.value)
listenToKeys(router, goes)
watch(expired, (out) => {
  if (out) stopLive()
  else if (session.value) {
    followLive(queries)
    void queries.invalidateQueries()
  }
})
watch(
  () => session.value?.person.id,
  (person) => {
    if (person) followLive(queries)
    else {
      stopLive()
      queries.clear()
    }
  },
)

createApp(App).use(router).use(i18n).use(VueQueryPlugin, { queryClient: queries }).mount('#app')
