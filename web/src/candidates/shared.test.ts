import { describe, expect, it } from 'vitest'
import { sharedParts } from './shared'

const marked = (text: string, ...others: string[]) =>
  sharedParts(text, others)
    .filter((part) => part.hit)
    .map((part) => part.text)

describe('CMP-2: what texts have in common', () => {
  it('is marked stretch by stretch, and no letter is lost', () => {
    const parts = sharedParts('2号电梯掉层，卡在7楼', ['3栋电梯又停了，掉层两回'])
    expect(parts.map((part) => part.text).join('')).toBe('2号电梯掉层，卡在7楼')
    expect(marked('2号电梯掉层，卡在7楼', '3栋电梯又停了，掉层两回')).toEqual(['电梯掉层'])
  })
  it('is never a mark or a single letter', () => {
    expect(marked('漏水，急', '噪声，吵')).toEqual([])
    expect(marked('水', '水')).toEqual([])
  })
  it('is looked for in all the others', () => {
    expect(marked('油烟直排窗口', '油烟很大', '对着窗口')).toEqual(['油烟', '窗口'])
  })
  it('keeps letters whole that are two units long', () => {
    expect(marked('😀电梯😀', '电梯')).toEqual(['电梯'])
  })
})
