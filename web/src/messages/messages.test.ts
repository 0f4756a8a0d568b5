import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import zh from './zh-CN.json'
import en from './en.json'

type Tree = { [key: string]: string | Tree }
const flat = (tree: Tree, at = ''): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) => (typeof value === 'string' ? [[at + key, value] as [string, string]] : flat(value, `${at}${key}.`)))
const zhAll = new Map(flat(zh))
const enAll = new Map(flat(en))

const sources = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? sources(join(folder, entry.name)) : /(?<!\.test)\.(vue|ts)$/.test(entry.name) ? [join(folder, entry.name)] : [],
  )
const root = join(import.meta.dirname, '..')
const code = sources(root).map((path) => ({ path, text: readFileSync(path, 'utf8') }))

describe('messages', () => {
  it('have the same keys in both languages', () => {
    expect([...enAll.keys()].sort()).toEqual([...zhAll.keys()].sort())
  })

  it('name the same figures in both languages', () => {
    const figures = (words: string) => [...new Set(words.match(/\{\w+\}/g) ?? [])].sort()
    const dates = new Set(['words.date', 'words.date_year', 'words.formal'])
    for (const [key, words] of zhAll) if (!dates.has(key)) expect(figures(enAll.get(key) ?? ''), key).toEqual(figures(words))
  })

  it('hold every key that the screens name', () => {
    const named = code.flatMap(({ path, text }) =>
      [...text.matchAll(/(?:\$t|\bt|\bsay)\(\s*'([a-z_]+\.[a-z_0-9]+)'/g)].map((found) => [path, found[1]] as const),
    )
    expect(named.length).toBeGreaterThan(100)
    for (const [path, key] of named) expect(zhAll.has(key ?? ''), `${key} in ${path}`).toBe(true)
  })

  it('leave no Chinese words in the code', () => {
    for (const { path, text } of code) {
      const bare = text.replace(/\/\*[\s\S]*?\*\/|<!--[\s\S]*?-->|\/\/[^\n]*/g, '')
      expect(bare.match(/[\u4e00-\u9fff]+/g) ?? [], path).toEqual([])
    }
  })

  it('use neither exclamation marks nor typed spaces between Chinese and digits', () => {
    for (const [key, words] of zhAll) {
      expect(words, key).not.toMatch(/[!！]/)
      expect(words, key).not.toMatch(/[\u4e00-\u9fff] \d|\d [\u4e00-\u9fff]/)
    }
  })
})
