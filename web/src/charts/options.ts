/** What is drawn, as plain values: accent lines, ink bars, late in red; labels on the data, no legend, no animation. */
import type { EChartsCoreOption } from 'echarts/core'
import { count, percent } from '../words/figures'

export interface Colours {
  ink: string
  quiet: string
  bar: string
  line: string
  accent: string
  late: string
  font: string
}

/** The colours as the theme has them now. */
export function coloursOf(root: Element): Colours {
  const style = getComputedStyle(root)
  const token = (name: string) => style.getPropertyValue(`--sw-${name}`).trim()
  return { ink: token('ink'), quiet: token('ink-2'), bar: token('line-strong'), line: token('line'), accent: token('accent'), late: token('late'), font: token('sans') }
}

export interface Bar {
  key: string
  title: string
  count: number
  /** The same in the period before. */
  before?: number
}

const words = (colours: Colours) => ({ color: colours.quiet, fontSize: 12, fontFamily: colours.font })
/** A long title is cut in the picture; the table beside it has it whole. */
const cut = (title: string, most: number) => (title.length > most ? `${title.slice(0, most - 1)}…` : title)

/** Counts side by side as lying bars, the first at the top; what was before as a thin one under it. */
export function barsOption(bars: readonly Bar[], colours: Colours, chosen?: string): EChartsCoreOption {
  const before = bars.some((bar) => bar.before !== undefined)
  return {
    animation: false,
    grid: { left: 4, right: 44, top: 2, bottom: 2, containLabel: true },
    xAxis: { type: 'value', show: false, minInterval: 1 },
    yAxis: { type: 'category', inverse: true, data: bars.map((bar) => cut(bar.title, 12)), axisTick: { show: false }, axisLine: { lineStyle: { color: colours.line } }, axisLabel: words(colours) },
    series: [
      {
        type: 'bar',
        barWidth: before ? 10 : 12,
        cursor: 'pointer',
        data: bars.map((bar) => ({ value: bar.count, itemStyle: { color: bar.key === chosen ? colours.accent : colours.bar } })),
        label: { show: true, position: 'right', ...words(colours), color: colours.ink, formatter: ({ value }: { value: number }) => count(value) },
      },
      ...(before ? [{ type: 'bar', barWidth: 3, barGap: '20%', silent: true, data: bars.map((bar) => bar.before ?? 0), itemStyle: { color: colours.line } }] : []),
    ],
  }
}

/** Height that lets every bar be read. */
export const barsHeight = (bars: readonly Bar[]): number => Math.max(40, bars.length * 24 + 6)

export interface MonthPoint {
  month: string
  kept: number
  late: number
  rate?: number | null
  closed: boolean
}

/** Month against month: the rate as a line over its months, the late ones as bars below; an open month hollow. */
export function monthsOption(months: readonly MonthPoint[], colours: Colours, name: (month: string) => string, lateWord: string): EChartsCoreOption {
  const rates = months.flatMap((month) => (month.rate == null ? [] : [month.rate]))
  const floor = Math.max(0, Math.floor(Math.min(0.9, ...rates) * 10) / 10)
  const names = months.map((month) => name(month.month))
  const axis = (at: number, shown: boolean) => ({ type: 'category', gridIndex: at, data: names, axisTick: { show: false }, axisLine: { lineStyle: { color: colours.line } }, axisLabel: { show: shown, ...words(colours) } })
  return {
    animation: false,
    grid: [
      { left: 44, right: 16, top: 22, height: 108 },
      { left: 44, right: 16, top: 150, height: 46 },
    ],
    xAxis: [axis(0, false), axis(1, true)],
    yAxis: [
      { type: 'value', gridIndex: 0, min: floor, max: 1, interval: (1 - floor) / 2, splitLine: { lineStyle: { color: colours.line } }, axisLabel: { ...words(colours), formatter: (value: number) => String(Math.round(value * 100)) } },
      { type: 'value', gridIndex: 1, show: true, axisLabel: { show: false }, splitLine: { show: false }, name: lateWord, nameLocation: 'middle', nameRotate: 0, nameGap: 20, nameTextStyle: words(colours) },
    ],
    series: [
      {
        type: 'line',
        xAxisIndex: 0,
        yAxisIndex: 0,
        cursor: 'pointer',
        connectNulls: false,
        data: months.map((month) => ({ value: month.rate ?? null, symbol: month.closed ? 'circle' : 'emptyCircle' })),
        symbolSize: 8,
        lineStyle: { color: colours.accent, width: 2 },
        itemStyle: { color: colours.accent },
        label: { show: true, position: 'top', ...words(colours), color: colours.ink, formatter: ({ value }: { value: number | null }) => (value == null ? '' : percent(value)) },
      },
      {
        type: 'bar',
        xAxisIndex: 1,
        yAxisIndex: 1,
        barMaxWidth: 22,
        cursor: 'pointer',
        data: months.map((month) => month.late),
        itemStyle: { color: colours.late },
        label: { show: true, position: 'top', ...words(colours), formatter: ({ value }: { value: number }) => (value ? count(value) : '') },
      },
    ],
  }
}
