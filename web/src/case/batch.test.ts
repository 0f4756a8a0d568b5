import { describe, expect, it } from 'vitest'
import { refused, Problem } from '../api/problem'
import type { Offer } from '../api/types'
import { counts, each, inBatch, outcomeOf, type Outcome } from './batch'

const offer = (more: Partial<Offer>): Offer =>
  ({ action: 'urge', title: '登记催办', fields: [], state: 'possible', ends: false, right: true, primary: false, ...more }) as Offer

describe('a batch', () => {
  it('offers only what asks the same of each and ends none', () => {
    expect(inBatch(offer({}))).toBe(true)
    expect(inBatch(offer({ state: 'needs_input' }))).toBe(true)
    expect(inBatch(offer({ state: 'refused' }))).toBe(false)
    expect(inBatch(offer({ ends: true }))).toBe(false)
    expect(inBatch(offer({ fields: [{ kind: 'signature' }] as Offer['fields'] }))).toBe(false)
  })
  it('tells of each in turn, and a refusal of one stops none', async () => {
    const told: [number, Outcome][] = []
    const work = async (n: number): Promise<Outcome> => (n === 2 ? outcomeOf(refused('还不能办')) : { result: 'done', say: '已办' })
    await each([1, 2, 3, 4, 5, 6], work, (n, outcome) => told.push([n, outcome]))
    expect(told.map(([n]) => n).sort()).toEqual([1, 2, 3, 4, 5, 6])
    expect(counts(told.map(([, outcome]) => outcome))).toEqual({ done: 5, no: 1, hold: 0 })
  })
  it('never has more than four under way', async () => {
    let now = 0
    let most = 0
    await each(
      Array.from({ length: 20 }, (_, n) => n),
      async () => {
        now += 1
        most = Math.max(most, now)
        await Promise.resolve()
        now -= 1
        return { result: 'done', say: '' }
      },
      () => undefined,
    )
    expect(most).toBe(4)
  })
  it('knows a case that someone else changed from one that the regulation refuses', () => {
    const stale = new Problem({ type: 'about:blank', status: 409, code: 'stale', title: '秦朗刚改过', detail: '请看过再办' })
    expect(outcomeOf(stale)).toEqual({ result: 'hold', say: '秦朗刚改过，请看过再办', clause: undefined })
    expect(outcomeOf(refused('还不能办')).result).toBe('no')
  })
})
