import { describe, expect, it } from 'vitest'
import { isBehind, monthPeriod, standsBehind, sum, wholeMonth } from './statistics'

const line = { pack: 'complaints', stage: 'working', ended_at: null, round: 2, handler: '7' }

describe('statistics of cases', () => {
  it('CMP-8: a figure opens those cases that it counted', () => {
    expect(standsBehind(line, 'received', { pack: 'complaints' })).toBe(true)
    expect(standsBehind(line, 'ended', {})).toBe(false)
    expect(standsBehind(line, 'open', {})).toBe(true)
    expect(standsBehind(line, 'rounds', {})).toBe(true)
    expect(standsBehind(line, 'stage:working', {})).toBe(true)
    expect(standsBehind(line, 'stage:closed', {})).toBe(false)
  })
  it('leaves out what another regulation or another person answers for', () => {
    expect(standsBehind(line, 'received', { pack: 'manufacturer' })).toBe(false)
    expect(standsBehind(line, 'received', { person: '8' })).toBe(false)
  })
  it('takes no address for a figure that is none', () => {
    expect(isBehind('stage:closed')).toBe(true)
    expect(isBehind('rows')).toBe(false)
  })
  it('knows a whole month, February too', () => {
    expect(wholeMonth({ from: '2028-02-01', to: '2028-02-29' })).toBe('2028-02')
    expect(wholeMonth({ from: '2028-02-01', to: '2028-02-28' })).toBeUndefined()
    expect(wholeMonth(monthPeriod('2026-12'))).toBe('2026-12')
  })
  it('adds up the procedures', () => {
    const one = { procedure: 'a', title: 'A', received: 3, ended: 2, more_rounds: 1, void: 0, stages: [], fields: [] }
    expect(sum([one, { ...one, received: 4 }], 'received')).toBe(7)
  })
})
