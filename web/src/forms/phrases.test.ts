import { describe, expect, it } from 'vitest'
import type { Phrases } from '../api/types'
import { callUpAt, choices, cut, forbiddenIn, withPhrase } from './phrases'

const group = (title: string, phrases: string[], forbidden = false): Phrases => ({ pack: 'general', key: title, title, forbidden, clause: null, phrases, spoken: phrases })
const groups = [group('道歉', ['给您添麻烦了，非常抱歉。', '让您久等了，对不起。']), group('道谢', ['谢谢您的宝贵意见。']), group('禁用语', ['不归我管', "I don't know"], true)]

describe('GEN-10: phrases while typing', () => {
  it('are called up by two colons of either width, with the words after them', () => {
    expect(callUpAt('::', 2)).toEqual({ from: 0, words: '' })
    expect(callUpAt('王女士来电，：：道', 9)).toEqual({ from: 6, words: '道' })
    expect(callUpAt('：:抱', 3)).toEqual({ from: 0, words: '抱' })
    expect(callUpAt('时间：10', 5)).toBeUndefined()
    expect(callUpAt(':: 完', 4)).toBeUndefined()
    expect(callUpAt('::一二三四五六七八九十一二三', 15)).toBeUndefined()
  })
  it('take the place of what called them up and leave the rest alone', () => {
    const text = '已告知。：：谢请留意'
    const at = callUpAt(text, 7)!
    expect(withPhrase(text, at, 7, '谢谢您的宝贵意见。')).toEqual({ text: '已告知。谢谢您的宝贵意见。请留意', caret: 13 })
  })
  it('are found by situation and by their own words, forbidden ones never', () => {
    expect(choices(groups, '').map((one) => one.group)).toEqual(['道歉', '道歉', '道谢'])
    expect(choices(groups, '道谢').map((one) => one.phrase)).toEqual(['谢谢您的宝贵意见。'])
    expect(choices(groups, '久等')).toHaveLength(1)
    expect(choices(groups, '不归')).toEqual([])
  })
  it('that must not be said are found whatever their case and width', () => {
    const text = '这不归我管，I DON\'T KNOW'
    const found = forbiddenIn(text, groups)
    expect(found.map((one) => text.slice(one.from, one.to))).toEqual(['不归我管', "I DON'T KNOW"])
    expect(cut(text, found).map((one) => one.text).join('')).toBe(text)
    expect(forbiddenIn('请稍候', groups)).toEqual([])
  })
})
