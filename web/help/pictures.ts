/** The pictures of the help pages: of which page, seen by whom, and out of which files they come. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

export interface Picture {
  name: string
  login: string
  path: string
  /** The page's file, from which everything drawn is reached. */
  page: string
  phone?: boolean
  /** What must stand before the picture is taken. */
  ready: string
}

export const pictures: readonly Picture[] = [
  { name: 'desk', login: 'agent1', path: '/desk', page: 'DeskPage', ready: '.case h1' },
  { name: 'new', login: 'agent1', path: '/new/complaints/complaint', page: 'NewCasePage', ready: '#new-case' },
  { name: 'call-backs', login: 'callback', path: '/call-backs', page: 'CallBacksPage', ready: 'h1' },
  { name: 'board', login: 'service', path: '/board', page: 'BoardPage', ready: 'main li' },
  { name: 'cases', login: 'service', path: '/cases', page: 'CasesPage', ready: 'tbody tr' },
  { name: 'handler', login: 'engineer', path: '/desk', page: 'DeskPage', phone: true, ready: 'main a' },
  { name: 'clauses', login: 'service', path: '/clauses?pack=complaints', page: 'ClauseReportPage', ready: 'tbody tr' },
  { name: 'statistics', login: 'service', path: '/statistics?pack=complaints', page: 'StatisticsPage', ready: '.chart svg' },
  { name: 'regulation', login: 'service', path: '/regulation/complaints', page: 'RegulationPage', ready: '.law, .serif' },
  { name: 'people', login: 'security', path: '/admin/people', page: 'AdminPage', ready: 'tbody tr' },
  { name: 'outbox', login: 'system', path: '/admin/outbox', page: 'AdminPage', ready: '.bn' },
  { name: 'accesses', login: 'audit', path: '/admin/accesses', page: 'AdminPage', ready: 'tbody tr' },
]

export const languages = ['zh-CN', 'en'] as const
export type Language = (typeof languages)[number]
export const fileOf = (name: string, language: Language): string => join(import.meta.dirname, 'pictures', `${name}.${language}.webp`)
export const stamps = join(import.meta.dirname, 'pictures', 'stamps.json')

const src = resolve(import.meta.dirname, '../src')
const IMPORT = /(?:from\s+|import\s+|import\(\s*|src=)['"](\.{1,2}\/[^'"]+)['"]/g

/** A file and everything of ours that it draws from. What only reads and types is left out: it changes no look. */
function reach(file: string, seen: Set<string>): void {
  if (seen.has(file)) return
  seen.add(file)
  for (const [, to] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
    const near = resolve(dirname(file), to ?? '')
    const found = [near, `${near}.ts`].find((one) => existsSync(one) && statSync(one).isFile())
    if (found && /\.(vue|css)$/.test(found)) reach(found, seen)
  }
}

/** The words of a language that files name; a group named by a computed key counts whole. */
function wordsOf(files: Iterable<string>, language: Language): string {
  const all = JSON.parse(readFileSync(join(src, 'messages', `${language}.json`), 'utf8')) as Record<string, Record<string, string>>
  const texts = [...files].map((file) => readFileSync(file, 'utf8')).join('\n')
  const groups = new Set([...texts.matchAll(/['"`(]([a-z_]+)\.(?:[a-z_0-9]+|\$\{)/g)].map((found) => found[1] ?? ''))
  return JSON.stringify([...groups].sort().flatMap((group) => (all[group] ? [[group, all[group]]] : [])))
}

/** Changes when the page, what it draws from, its words or the styles change: then the picture is stale. */
export function stampOf(picture: Picture, language: Language): string {
  const files = new Set<string>()
  reach(join(src, 'pages', `${picture.page}.vue`), files)
  const hash = createHash('sha256')
  for (const file of [...files].sort()) hash.update(readFileSync(file))
  for (const style of ['tokens.css', 'shell.css']) hash.update(readFileSync(join(src, 'styles', style)))
  hash.update(wordsOf(files, language))
  hash.update(JSON.stringify(picture))
  return hash.digest('hex').slice(0, 16)
}
