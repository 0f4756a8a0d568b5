/** Every page that can be gone to: the rail, the palette and the keys after `g` read this one list. */
import type { IconName } from '../components/icons'

export interface Place {
  name: string
  to: string
  icon: IconName
  label: string
  /** The letter after `g`. */
  key?: string
  /** Other words it is looked for by: pinyin, initials, English. */
  also: string
  /** Where it stands: in the rail's first or second group, only behind the person's menu, or on the strip above. */
  in: 'work' | 'lead' | 'menu' | 'palette'
  /** Left out of the phone's bar, which has room for four. */
  wide?: boolean
  /** Only for who holds one of these functions. */
  functions?: string[]
}

export const places: readonly Place[] = [
  { name: 'desk', to: '/desk', icon: 'desk', label: 'rail.desk', key: 'd', also: 'desk zuoxitai zxt queue duilie', in: 'work' },
  { name: 'cases', to: '/cases', icon: 'case', label: 'rail.cases', key: 'c', also: 'cases shixiang sx list', in: 'work' },
  { name: 'call-backs', to: '/call-backs', icon: 'back', label: 'rail.call_backs', key: 'k', also: 'callback huifang hf', in: 'work' },
  { name: 'customers', to: '/customers', icon: 'users', label: 'rail.customers', key: 'u', also: 'customers kehu kh people', in: 'work', wide: true },
  { name: 'board', to: '/board', icon: 'board', label: 'rail.board', key: 'b', also: 'board kanban kb duban supervise', in: 'lead' },
  { name: 'clauses', to: '/clauses', icon: 'report', label: 'rail.clauses', key: 'r', also: 'clauses report tiaokuan tk baogao', in: 'lead', wide: true },
  { name: 'regulation', to: '/regulation', icon: 'pack', label: 'rail.regulation', key: 'p', also: 'regulation rules guicheng gc pack', in: 'lead', wide: true },
  { name: 'obligations', to: '/obligations', icon: 'calendar', label: 'rail.obligations', key: 'o', also: 'obligations duties yiwu yw', in: 'lead', wide: true },
  { name: 'search', to: '/search', icon: 'search', label: 'search.title', key: 'f', also: 'search sousuo ss find', in: 'palette' },
  { name: 'notices', to: '/notices', icon: 'bell', label: 'notices.title', key: 'i', also: 'notices inbox tongzhi tz', in: 'palette' },
  { name: 'data', to: '/data', icon: 'export', label: 'rail.data', also: 'imports data daoru dr', in: 'menu', functions: ['system_admin', 'service_lead'] },
  { name: 'statistics', to: '/statistics', icon: 'chart', label: 'stats.title', key: 's', also: 'statistics tongji tj charts yuebao monthly', in: 'menu' },
  { name: 'admin', to: '/admin', icon: 'gear', label: 'rail.admin', key: 'a', also: 'administration guanli gl people units audit outbox tokens', in: 'menu', functions: ['system_admin', 'security_admin', 'audit_admin', 'auditor', 'service_lead', 'department_head'] },
  { name: 'me', to: '/me', icon: 'user', label: 'rail.me', also: 'me password mima wode sessions second factor', in: 'menu' },
  { name: 'help', to: '/help', icon: 'help', label: 'rail.help', key: 'h', also: 'help bangzhu bz manual', in: 'menu' },
]

/** The places open to someone who holds these functions. */
export const placesFor = (held: readonly { key: string }[]): Place[] => places.filter((place) => !place.functions || held.some((one) => place.functions?.includes(one.key)))

/** Where `g` and a letter lead. */
export const goes: Record<string, string> = Object.fromEntries(places.flatMap((place) => (place.key ? [[place.key, place.to]] : [])))
