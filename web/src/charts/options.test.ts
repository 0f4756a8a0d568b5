import { describe, expect, it } from 'vitest'
import { barsHeight, barsOption, monthsOption, type Colours } from './options'

const colours: Colours = { ink: '#1', quiet: '#2', bar: '#3', line: '#4', accent: '#5', late: '#6', font: 'x' }
type Series = { data: { value: number | null; itemStyle?: { color: string }; symbol?: string }[] }
const seriesOf = (option: unknown) => (option as { series: Series[] }).series

describe('what the charts draw', () => {
  it('keeps the order of the rows, so that a click on the third bar is the third row', () => {
    const bars = [{ key: 'a', title: 'A', count: 2 }, { key: 'b', title: 'B', count: 9 }, { key: 'c', title: 'C', count: 0 }]
    expect(seriesOf(barsOption(bars, colours, 'b'))[0]?.data.map((one) => [one.value, one.itemStyle?.color])).toEqual([[2, '#3'], [9, '#5'], [0, '#3']])
    expect(barsHeight(bars)).toBeGreaterThan(3 * 20)
  })
  it('draws what was before only where it is known', () => {
    expect(seriesOf(barsOption([{ key: 'a', title: 'A', count: 1 }], colours))).toHaveLength(1)
    expect(seriesOf(barsOption([{ key: 'a', title: 'A', count: 1, before: 4 }], colours))).toHaveLength(2)
  })
  it('leaves a month without a rate open instead of drawing nought, and an open month hollow', () => {
    const months = [{ month: '2026-09', kept: 1, late: 2, rate: null, closed: true }, { month: '2026-10', kept: 80, late: 20, rate: 0.8, closed: true }, { month: '2026-11', kept: 9, late: 1, rate: 0.9, closed: false }]
    const line = seriesOf(monthsOption(months, colours, (month) => month, 'late'))[0]
    expect(line?.data.map((one) => [one.value, one.symbol])).toEqual([[null, 'circle'], [0.8, 'circle'], [0.9, 'emptyCircle']])
  })
  it('begins the scale below the lowest rate', () => {
    const option = monthsOption([{ month: '2026-10', kept: 1, late: 1, rate: 0.67, closed: true }], colours, (month) => month, 'late') as { yAxis: { min: number }[] }
    expect(option.yAxis[0]?.min).toBe(0.6)
  })
})
