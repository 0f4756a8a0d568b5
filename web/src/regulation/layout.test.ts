import { describe, expect, it } from 'vitest'
import { diagram, lines, NODE, ranks } from './layout'

const stage = (key: string, end = false) => ({ key, title: key, end })
const way = (from: string, to: string, title = `${from}-${to}`, conditional = false) => ({ from, to, title, conditional, next_round: false, clause: null })
const procedure = {
  stages: [stage('received'), stage('assigned'), stage('proposed'), stage('explaining'), stage('closed', true)],
  ways: [
    way('received', 'assigned', 'classify', true),
    way('received', 'explaining', 'classify', true),
    way('assigned', 'proposed'),
    way('proposed', 'assigned', 'refused'),
    way('proposed', 'closed', 'close'),
    way('proposed', 'closed', 'withdraw', true),
    way('explaining', 'closed'),
  ],
}

describe('the diagram of a procedure', () => {
  it('puts each stage behind all that lead to it, whatever leads back', () => {
    expect([...ranks(procedure as never)]).toEqual([
      ['received', 0],
      ['assigned', 1],
      ['proposed', 2],
      ['explaining', 1],
      ['closed', 3],
    ])
  })
  it('lets no two stages overlap and stays inside its frame', () => {
    const { stages, width, height } = diagram(procedure as never)
    for (const a of stages) {
      expect(a.x).toBeGreaterThanOrEqual(0)
      expect(a.y).toBeGreaterThan(0)
      expect(a.x + NODE.width).toBeLessThanOrEqual(width)
      expect(a.y + NODE.height).toBeLessThanOrEqual(height)
      for (const b of stages) if (a !== b) expect(a.x === b.x && Math.abs(a.y - b.y) < NODE.height).toBe(false)
    }
  })
  it('draws a way once, with every act that takes it', () => {
    const { ways } = diagram(procedure as never)
    const close = ways.filter((one) => one.from === 'proposed' && one.to === 'closed')
    expect(close).toHaveLength(1)
    expect(close[0]?.titles).toEqual(['close', 'withdraw'])
    expect(close[0]?.conditional).toBe(false)
    expect(ways.find((one) => one.to === 'assigned' && one.from === 'proposed')?.back).toBe(true)
  })
  it('breaks long titles into two lines and cuts what is longer still', () => {
    expect(lines('已受理')).toEqual(['已受理'])
    expect(lines('结果待客户答复确认')).toHaveLength(2)
    expect(lines('Settled, awaiting the call-back')).toHaveLength(2)
    expect(lines('字'.repeat(40))[1]).toMatch(/…$/)
  })
})
