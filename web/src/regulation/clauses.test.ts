import { describe, expect, it } from 'vitest'
import { headings, rowsOf } from './clauses'

const row = (id: string, late: number, pack = 'complaints') => ({ clause: { pack, id, number: id, title: id }, late }) as never

describe('the contents of a regulation', () => {
  it('count what is late below each heading, of this regulation only', () => {
    const blocks = [
      { kind: 'heading', level: 1, number: '第一章', text: '受理' },
      { kind: 'clause', id: 'receiving', number: '1.1', text: '…' },
      { kind: 'clause', id: 'classes', number: '1.2', text: '…' },
      { kind: 'heading', level: 1, number: '第二章', text: '时限' },
      { kind: 'paragraph', text: '…' },
      { kind: 'clause', id: 'start', number: '2.1', text: '…' },
    ]
    const rows = rowsOf('complaints', [row('receiving', 1), row('classes', 2), row('start', 0), row('start', 9, 'general')])
    expect(headings(blocks, rows).map((one) => [one.text, one.late])).toEqual([
      ['受理', 3],
      ['时限', 0],
    ])
  })
})
