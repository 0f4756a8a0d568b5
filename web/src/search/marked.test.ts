import { describe, expect, it } from 'vitest'
import { parts, saysMore } from './marked'

describe('a hit in its text', () => {
  it('is marked where the server found it, and no letter is lost', () => {
    const found = parts({ text: '6栋电梯异响，电梯停运', ranges: [[2, 4], [7, 9]] })
    expect(found.filter((one) => one.hit).map((one) => one.text)).toEqual(['电梯', '电梯'])
    expect(found.map((one) => one.text).join('')).toBe('6栋电梯异响，电梯停运')
  })
  it('counts as the server does: an emoji is two units', () => {
    expect(parts({ text: '😀电梯', ranges: [[2, 4]] }).find((one) => one.hit)?.text).toBe('电梯')
  })
  it('bears ranges that overlap, come unsorted or lie outside', () => {
    const found = parts({ text: '电梯停运', ranges: [[2, 9], [0, 3], [7, 8]] })
    expect(found).toEqual([
      { text: '电梯停', hit: true },
      { text: '运', hit: true },
    ])
  })
  it('is whole without any range', () => {
    expect(parts({ text: '罗文静', ranges: [] })).toEqual([{ text: '罗文静', hit: false }])
    expect(parts({ text: '', ranges: [] })).toEqual([])
  })
  it('leaves out an excerpt that only repeats the title', () => {
    expect(saysMore({ text: '电梯' }, { text: '6栋电梯异响' })).toBe(false)
    expect(saysMore({ text: '3栋2203室' }, { text: '王秀英' })).toBe(true)
  })
})
