import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pictures } from '../../help/pictures'
import { blocksOf, inline } from './markdown'
import { topicFor, topics } from './topics'

const help = join(import.meta.dirname, '../../help')

describe('help pages', () => {
  it('are read into blocks, and markup inside text stays text', () => {
    expect(blocksOf('# A\n\none **two** `n`\n- x\n- y\n1. z\n\n![alt](desk)')).toEqual([
      { kind: 'heading', level: 1, text: 'A' },
      { kind: 'paragraph', text: [{ kind: 'text', text: 'one ' }, { kind: 'bold', text: 'two' }, { kind: 'text', text: ' ' }, { kind: 'key', text: 'n' }] },
      { kind: 'list', ordered: false, items: [[{ kind: 'text', text: 'x' }], [{ kind: 'text', text: 'y' }]] },
      { kind: 'list', ordered: true, items: [[{ kind: 'text', text: 'z' }]] },
      { kind: 'picture', alt: 'alt', name: 'desk' },
    ])
    expect(inline('<img src=x>')).toEqual([{ kind: 'text', text: '<img src=x>' }])
  })
  it('stand in both languages with the same parts and pictures that are there', () => {
    const names = new Set(pictures.map((one) => one.name))
    const shape = (language: string, topic: string) =>
      blocksOf(readFileSync(join(help, language, `${topic}.md`), 'utf8')).map((block) => (block.kind === 'picture' ? `picture ${block.name}` : block.kind === 'list' ? `list ${block.items.length}` : block.kind))
    for (const topic of topics) {
      expect(shape('en', topic), topic).toEqual(shape('zh-CN', topic))
      for (const one of shape('zh-CN', topic).filter((one) => one.startsWith('picture '))) {
        const name = one.slice(8)
        expect(names.has(name), name).toBe(true)
        for (const language of ['zh-CN', 'en']) expect(existsSync(join(help, 'pictures', `${name}.${language}.webp`)), `${name} ${language}`).toBe(true)
      }
    }
  })
  it('open at the page of what one does', () => {
    expect(topicFor([{ key: 'agent' }])).toBe('agent')
    expect(topicFor([{ key: 'service_lead' }, { key: 'department_head' }])).toBe('manager')
    expect(topicFor([{ key: 'security_admin' }])).toBe('administrator')
    expect(topicFor([])).toBe('agent')
  })
})
