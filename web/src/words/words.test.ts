import { createI18n } from 'vue-i18n'
import { describe, expect, it } from 'vitest'
import zhMessages from '../messages/zh-CN.json'
import enMessages from '../messages/en.json'
import type { Clock } from '../api/types'
import { face, groupOf, stateAt } from './clock'
import { fenOf, money, percent } from './figures'
import { date, dueMoment, duration, formal, lengths, moment, ticking, type Say } from './time'

const speaker = (locale: 'zh-CN' | 'en'): Say => {
  const i18n = createI18n({ legacy: false, locale, messages: { 'zh-CN': zhMessages, en: enMessages } })
  return (key, figures) => (typeof figures.n === 'number' ? i18n.global.t(key, figures, figures.n) : i18n.global.t(key, figures))
}
const zh = speaker('zh-CN')
const en = speaker('en')
const { SECOND, MINUTE, HOUR, DAY } = lengths
const zone = 'Asia/Shanghai'
const now = Date.parse('2026-11-20T06:32:00Z') // 14:32 in Shanghai

describe('durations', () => {
  it.each([
    [0, '0秒', '0 s'],
    [34 * SECOND, '34秒', '34 s'],
    [3 * MINUTE + 20 * SECOND, '3分20秒', '3 min 20 s'],
    [4 * MINUTE + 5 * SECOND, '4分05秒', '4 min 05 s'],
    [10 * MINUTE, '10分', '10 min'],
    [HOUR + 17 * MINUTE + 2 * SECOND, '1小时17分', '1 h 17 min'],
    [2 * HOUR, '2小时', '2 h'],
    [DAY, '1天', '1 day'],
    [2 * DAY + 3 * HOUR + 5 * MINUTE, '2天3小时', '2 days 3 h'],
    [45 * DAY + 3 * HOUR, '45天', '45 days'],
    [-5 * SECOND, '0秒', '0 s'],
  ])('%i ms', (ms, chinese, english) => {
    expect(duration(ms, zh)).toBe(chinese)
    expect(duration(ms, en)).toBe(english)
  })

  it('tick as a clock face from an hour to a day', () => {
    expect(ticking(HOUR + 17 * MINUTE + 2 * SECOND, zh)).toBe('1:17:02')
    expect(ticking(59 * MINUTE + 59 * SECOND, zh)).toBe('59分59秒')
    expect(ticking(2 * DAY, zh)).toBe('2天')
  })
})

describe('dates', () => {
  it('are short today, have the day this year and the year before', () => {
    expect(moment(Date.parse('2026-11-20T06:26:00Z'), now, zh, zone)).toBe('14:26')
    expect(moment(Date.parse('2026-11-18T06:26:00Z'), now, zh, zone)).toBe('11-18 14:26')
    expect(date(Date.parse('2025-11-18T06:26:00Z'), now, zh, zone)).toBe('2025-11-18')
    expect(moment(Date.parse('2026-11-18T06:26:00Z'), now, en, zone)).toBe('18 Nov 14:26')
    expect(dueMoment(Date.parse('2026-11-20T09:00:00Z'), now, zh, zone)).toBe('今天17:00')
    expect(formal(Date.parse('2026-11-20T05:41:00Z'), zh, zone)).toBe('2026年11月20日 13:41')
    expect(formal(Date.parse('2026-11-20T05:41:00Z'), en, zone)).toBe('20 Nov 2026 13:41')
  })
})

const clock = (more: Partial<Clock>): Clock => ({ deadline: 'result', title: '处理结果', state: 'running', limit: '2小时', origin: 'pack', clause: { pack: 'p', id: 'c', number: '1', title: '' }, round: 1, provisional: false, ...more })
const at = (ms: number) => new Date(now + ms).toISOString()

describe('a clock’s face', () => {
  it('runs, then is due soon from three quarters, then late, by itself', () => {
    const running = clock({ started_at: at(-40 * MINUTE), due_at: at(80 * MINUTE) })
    expect(stateAt(running, now)).toBe('running')
    expect(stateAt(running, now + 50 * MINUTE)).toBe('soon')
    expect(stateAt(running, now + 80 * MINUTE)).toBe('soon') // an act at the very limit is kept
    expect(stateAt(running, now + 80 * MINUTE + 1)).toBe('overdue')
  })

  it('follows the pack’s first reminder where there is one', () => {
    const running = clock({ started_at: at(0), due_at: at(HOUR), soon_at: at(10 * MINUTE) })
    expect(stateAt(running, now + 9 * MINUTE)).toBe('running')
    expect(stateAt(running, now + 10 * MINUTE)).toBe('soon')
  })

  it('says what is left and ticks each second under an hour', () => {
    const soon = clock({ started_at: at(-HOUR), due_at: at(9 * MINUTE + 12 * SECOND) })
    expect(face(soon, now, zh)).toMatchObject({ state: 'soon', words: '剩9分12秒', seconds: true })
    expect(face(soon, now, en).words).toBe('9 min 12 s left')
    const far = clock({ started_at: at(0), due_at: at(HOUR + 17 * MINUTE + 2 * SECOND) })
    expect(face(far, now, zh)).toMatchObject({ words: '剩1小时17分', seconds: false })
    expect(face(far, now, zh, 'live')).toMatchObject({ words: '剩1:17:02', seconds: true })
  })

  it('names the moment in lists when it is two hours away', () => {
    const far = clock({ started_at: at(0), due_at: at(2 * HOUR + 28 * MINUTE) })
    expect(face(far, now, zh, 'due', zone).words).toBe('今天17:00')
    expect(face(far, now + HOUR, zh, 'due', zone).words).toBe('剩1小时28分')
  })

  it('is 超 while open and 迟 when done', () => {
    expect(face(clock({ due_at: at(-12 * MINUTE - 40 * SECOND), started_at: at(-3 * HOUR) }), now, zh).words).toBe('超12分40秒')
    expect(face(clock({ state: 'kept_late', late_ms: 4 * MINUTE + 5 * SECOND }), now, zh).words).toBe('迟4分05秒')
    expect(face(clock({ state: 'kept', took_ms: 8 * MINUTE + 34 * SECOND }), now, zh).words).toBe('用时8分34秒')
    expect(face(clock({ state: 'kept', started_at: at(-HOUR), ended_at: at(0) }), now, en).words).toBe('took 1 h')
  })

  it('always prints why a clock is exempt, paused or lapsed', () => {
    expect(face(clock({ state: 'exempt', reason: '客户匿名' }), now, zh).words).toBe('免履行，客户匿名')
    expect(face(clock({ state: 'exempt', reason: 'anonymous' }), now, en).words).toBe('exempt: anonymous')
    expect(face(clock({ state: 'paused', reason: '等客户约时间' }), now, zh).words).toBe('已暂停，等客户约时间')
    expect(face(clock({ state: 'lapsed' }), now, zh).words).toBe('已失效')
    expect(face(clock({ state: 'pending' }), now, zh).words).toBe('未开始')
  })

  it('fills its ring with the time used', () => {
    expect(face(clock({ started_at: at(-HOUR), due_at: at(3 * HOUR) }), now, zh).elapsed).toBe(25)
    expect(face(clock({ started_at: at(0), due_at: at(0) }), now, zh).elapsed).toBe(0)
  })
})

describe('the queue’s groups', () => {
  it('are late, within two hours, later', () => {
    expect(groupOf(clock({ due_at: at(-1) }), now)).toBe('overdue')
    expect(groupOf(clock({ due_at: at(2 * HOUR) }), now)).toBe('soon')
    expect(groupOf(clock({ due_at: at(2 * HOUR + 1) }), now)).toBe('later')
    expect(groupOf(clock({ state: 'paused', due_at: at(-1) }), now)).toBe('later')
    expect(groupOf(null, now)).toBe('later')
  })
})

describe('figures', () => {
  it('have one decimal in rates and two in money', () => {
    expect(percent(0.9765)).toBe('97.7%')
    expect(percent(1)).toBe('100.0%')
    expect(money(128000)).toBe('¥1,280.00')
  })
  it('read money exactly', () => {
    expect(fenOf('1,280.5')).toBe(128050)
    expect(fenOf('¥ 0.07')).toBe(7)
    expect(fenOf('12.345')).toBeUndefined()
    expect(fenOf('zwölf')).toBeUndefined()
  })
})
