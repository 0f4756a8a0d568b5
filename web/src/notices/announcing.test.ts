import { describe, expect, it } from 'vitest'
import { after, clockOf, isQuiet, minuteOf, toAnnounce } from './announcing'

const notice = (id: string, seen_at: string | null = null) => ({ id, seen_at })

describe('what is announced', () => {
  it('is what came since the mark and was not seen, oldest first', () => {
    const told = toAnnounce([notice('384528968746795012'), notice('384528968746795011', '2026-11-27T02:00:00Z'), notice('384528968746795010'), notice('384528968746795001')], '384528968746795001', false)
    expect(told.news.map((one) => one.id)).toEqual(['384528968746795010', '384528968746795012'])
    expect(told.mark).toBe('384528968746795012')
  })
  it('is never announced twice: a second page begins at the mark of the first', () => {
    const list = [notice('12'), notice('11')]
    const first = toAnnounce(list, '10', false)
    expect(toAnnounce(list, first.mark, false).news).toEqual([])
  })
  it('is nothing at the first look of a person on a computer', () => {
    const told = toAnnounce([notice('12'), notice('11')], undefined, false)
    expect(told.news).toEqual([])
    expect(told.mark).toBe('12')
  })
  it('is nothing in quiet hours, and is not saved up for their end', () => {
    const quiet = toAnnounce([notice('12')], '10', true)
    expect(quiet).toEqual({ news: [], mark: '12' })
    expect(toAnnounce([notice('12')], quiet.mark, false).news).toEqual([])
  })
  it('compares ids that are longer than a number holds exactly', () => {
    expect(after('384528968746795011', '384528968746795010')).toBe(true)
    expect(after('99', '100')).toBe(false)
  })
})

describe('quiet hours', () => {
  it('may go over midnight and are over at their end', () => {
    expect(isQuiet(22 * 60, 21 * 60, 8 * 60)).toBe(true)
    expect(isQuiet(7 * 60 + 59, 21 * 60, 8 * 60)).toBe(true)
    expect(isQuiet(8 * 60, 21 * 60, 8 * 60)).toBe(false)
    expect(isQuiet(13 * 60, 12 * 60, 14 * 60)).toBe(true)
  })
  it('are none where none were chosen', () => {
    expect(isQuiet(0, null, null)).toBe(false)
    expect(isQuiet(60, 60, 60)).toBe(false)
  })
  it('are typed as times of the day', () => {
    expect(clockOf(21 * 60 + 5)).toBe('21:05')
    expect(minuteOf('21:05')).toBe(1265)
    expect(minuteOf('24:00')).toBeNull()
    expect(clockOf(null)).toBe('')
  })
})
