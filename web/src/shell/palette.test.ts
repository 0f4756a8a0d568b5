import { describe, expect, it } from 'vitest'
import { places } from './places'
import { best, fit, marked } from './palette'

describe('the palette', () => {
  it('finds a page by its name, its pinyin and its initials', () => {
    const text = (place: (typeof places)[number]) => place.also
    expect(best('kanban', places, text)[0]?.name).toBe('board')
    expect(best('gc', places, text)[0]?.name).toBe('regulation')
    expect(best('nothing', places, text)).toEqual([])
  })
  it('wants every word, in any order', () => {
    expect(fit('电梯 3栋', '3栋2单元2号电梯反复掉层')).toBeGreaterThan(0)
    expect(fit('电梯 水泵', '3栋2单元2号电梯反复掉层')).toBe(0)
  })
  it('puts what begins with the word before what only holds it', () => {
    expect(best('写', ['登记填写', '写备注'], (one) => one)[0]).toBe('写备注')
  })
  it('keeps the order where nothing was typed', () => {
    expect(best('', ['b', 'a'], (one) => one)).toEqual(['b', 'a'])
  })
  it('marks hits and loses no letter', () => {
    const parts = marked('电梯 2', '3栋2单元电梯')
    expect(parts.map((one) => one.text).join('')).toBe('3栋2单元电梯')
    expect(parts.filter((one) => one.hit).map((one) => one.text)).toEqual(['2', '电梯'])
  })
})
