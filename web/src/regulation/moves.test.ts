import { describe, expect, it } from 'vitest'
import type { MovedCase } from '../api/types'
import { ordered, stagesOf } from './moves'

const one = (number: string, reasons: string[], clocks = 0): MovedCase => ({
  case: number,
  number,
  procedure: 'complaint',
  from_version: '1',
  to_version: '2',
  stage: 'a',
  stage_after: reasons.length ? null : 'a',
  reasons,
  clocks: Array.from({ length: clocks }, () => ({ deadline: 'd', started_at: '2026-11-01T00:00:00Z', due_before: '2026-11-02T00:00:00Z', due_after: null })),
})

describe('moving running cases', () => {
  it('QLT-2: shows first what stays and why, then whose clocks change', () => {
    expect(ordered([one('1', []), one('2', [], 1), one('3', ['no such stage'])]).map((line) => line.number)).toEqual(['3', '2', '1'])
  })
  it('reads stages that are called otherwise as the command does', () => {
    expect(stagesOf('received = taken\n\nnothing\nold=\n a=b ')).toEqual({ received: 'taken', a: 'b' })
  })
})
