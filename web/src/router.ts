import { createRouter, createWebHistory } from 'vue-router'
import { session, whoAmI } from './state/session'

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', redirect: '/desk' },
    { path: '/login', name: 'login', component: () => import('./pages/LogInPage.vue'), meta: { open: true, title: 'login.title' } },
    { path: '/login/return', name: 'login-return', component: () => import('./pages/LogInReturnPage.vue'), meta: { open: true, title: 'provider.title' } },
    { path: '/desk/:id?', name: 'desk', component: () => import('./pages/DeskPage.vue'), props: true, meta: { title: 'rail.desk' } },
    { path: '/new/:pack?/:procedure?', name: 'new', component: () => import('./pages/NewCasePage.vue'), props: true, meta: { title: 'new.title' } },
    { path: '/cases', name: 'cases', component: () => import('./pages/CasesPage.vue'), meta: { title: 'rail.cases' } },
    { path: '/cases/:id', name: 'case', component: () => import('./pages/CasePage.vue'), props: true, meta: { title: 'rail.cases' } },
    { path: '/customers', name: 'customers', component: () => import('./pages/CustomersPage.vue'), meta: { title: 'rail.customers' } },
    { path: '/customers/:id', name: 'customer', component: () => import('./pages/CustomerPage.vue'), props: true, meta: { title: 'rail.customers' } },
    { path: '/call-backs/:id?', name: 'call-backs', component: () => import('./pages/CallBacksPage.vue'), props: true, meta: { title: 'rail.call_backs' } },
    { path: '/notices', name: 'notices', component: () => import('./pages/NoticesPage.vue'), meta: { title: 'notices.title' } },
    { path: '/search', name: 'search', component: () => import('./pages/SearchPage.vue'), meta: { title: 'search.title' } },
    { path: '/candidates/:id/:no', name: 'candidate', component: () => import('./pages/CandidatePage.vue'), props: true, meta: { title: 'candidates.title' } },
    { path: '/clauses', name: 'clauses', component: () => import('./pages/ClauseReportPage.vue'), meta: { title: 'rail.clauses' } },
    { path: '/board', name: 'board', component: () => import('./pages/BoardPage.vue'), meta: { title: 'rail.board' } },
    { path: '/regulation/:pack?', name: 'regulation', component: () => import('./pages/RegulationPage.vue'), props: true, meta: { title: 'rail.regulation' } },
    { path: '/obligations', name: 'obligations', component: () => import('./pages/ObligationsPage.vue'), meta: { title: 'rail.obligations' } },
    { path: '/data', name: 'data', component: () => import('./pages/DataPage.vue'), meta: { title: 'rail.data' } },
    { path: '/statistics', name: 'statistics', component: () => import('./pages/StatisticsPage.vue'), meta: { title: 'stats.title' } },
    { path: '/admin/:section?', name: 'admin', component: () => import('./pages/AdminPage.vue'), props: true, meta: { title: 'rail.admin' } },
    { path: '/me', name: 'me', component: () => import('./pages/MePage.vue'), meta: { title: 'rail.me' } },
    { path: '/help/:topic?', name: 'help', component: () => import('./pages/HelpPage.vue'), props: true, meta: { title: 'rail.help' } },
    { path: '/set-password', name: 'set-password', component: () => import('./pages/SetPasswordPage.vue'), meta: { open: true, title: 'me.set_password' } },
    { path: '/:rest(.*)*', name: 'nowhere', component: () => import('./pages/NowherePage.vue'), meta: { title: 'nowhere.title' } },
  ],
})

router.beforeEach(async (to) => {
  if (session.value === undefined) {
    try {
      await whoAmI()
    } catch {
      session.value = null // unreachable: the log-in page says so when it is tried
    }
  }
  if (!session.value && !to.meta.open) return { name: 'login', query: to.fullPath === '/desk' ? {} : { to: to.fullPath } }
  if (session.value && to.name === 'login') return { name: 'desk' }
  // Nothing else is open before a password that was given is changed, or a second factor enrolled.
  if (session.value?.owes && to.name !== 'me' && !to.meta.open) return { name: 'me', query: { owed: 'yes' } }
  return true
})
