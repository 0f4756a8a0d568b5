import { MutationCache, QueryCache, QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { createApp, watch } from 'vue'
import 'element-plus/theme-chalk/base.css'
import './forms/elements'
import './styles/tokens.css'
import './styles/shell.css'
import App from './App.vue'
import { Problem } from './api/problem'
import { i18n, speak } from './i18n'
import { router } from './router'
import { listenToKeys } from './state/keys'
import { followLive, stopLive } from './state/live'
import { session } from './state/session'
import { followTheme } from './state/theme'

/** A session that ended elsewhere leads to the log-in page, and back afterwards. */
function whenOut(cause: unknown): void {
  if (cause instanceof Problem && cause.code === 'unauthenticated' && session.value) {
    session.value = null
    void router.push({ name: 'login', query: { to: router.currentRoute.value.fullPath } })
  }
}

const queries = new QueryClient({
  queryCache: new QueryCache({ onError: whenOut }),
  mutationCache: new MutationCache({ onError: whenOut }),
  // Live events say when something changed, so nothing is polled; a failed read is told at once.
  defaultOptions: { queries: { staleTime: 30_000, retry: false, refetchOnWindowFocus: false } },
})

followTheme()
speak(i18n.global.locale.value)
listenToKeys(router, { d: '/desk', c: '/cases', k: '/call-backs', r: '/clauses' })
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
