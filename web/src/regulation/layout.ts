/** Where the stages of a procedure stand in its diagram, and how the ways between them run: pure geometry. */
import type { Procedure } from '../api/types'

export const NODE = { width: 124, height: 44 } as const
const GAP = { x: 52, y: 58 } as const
const MARGIN = 16

export interface PlacedStage {
  key: string
  title: string
  end: boolean
  first: boolean
  x: number
  y: number
  rank: number
}

export interface PlacedWay {
  from: string
  to: string
  /** The acts that lead there. */
  titles: string[]
  /** Leads back to an earlier stage. */
  back: boolean
  conditional: boolean
  path: string
}

export interface Diagram {
  stages: PlacedStage[]
  ways: PlacedWay[]
  width: number
  height: number
}

/** How many steps lie before each stage at most, going forward in the order of the pack. */
export function ranks(procedure: Pick<Procedure, 'stages' | 'ways'>): Map<string, number> {
  const order = new Map(procedure.stages.map((stage, at) => [stage.key, at]))
  const rank = new Map(procedure.stages.map((stage) => [stage.key, 0]))
  for (const stage of procedure.stages) {
    for (const way of procedure.ways) {
      if (way.to !== stage.key || (order.get(way.from) ?? 0) >= (order.get(way.to) ?? 0)) continue
      rank.set(stage.key, Math.max(rank.get(stage.key) ?? 0, (rank.get(way.from) ?? 0) + 1))
    }
  }
  return rank
}

/** Ways between the same two stages as one, with every act that takes it. */
function joined(procedure: Pick<Procedure, 'stages' | 'ways'>, rank: Map<string, number>): Omit<PlacedWay, 'path'>[] {
  const ways: Omit<PlacedWay, 'path'>[] = []
  for (const way of procedure.ways) {
    const known = ways.find((one) => one.from === way.from && one.to === way.to)
    if (known) {
      if (!known.titles.includes(way.title)) known.titles.push(way.title)
      known.conditional &&= way.conditional
    } else {
      const back = (rank.get(way.to) ?? 0) <= (rank.get(way.from) ?? 0)
      ways.push({ from: way.from, to: way.to, titles: [way.title], back, conditional: way.conditional })
    }
  }
  return ways
}

export function diagram(procedure: Pick<Procedure, 'stages' | 'ways'>): Diagram {
  const rank = ranks(procedure)
  const rows = new Map<number, string[]>()
  for (const stage of procedure.stages) {
    const at = rank.get(stage.key) ?? 0
    rows.set(at, [...(rows.get(at) ?? []), stage.key])
  }
  const tallest = Math.max(1, ...[...rows.values()].map((list) => list.length))
  const ways = joined(procedure, rank)
  const place = (key: string) => {
    const at = rank.get(key) ?? 0
    const column = rows.get(at) ?? []
    const offset = ((tallest - column.length) * (NODE.height + GAP.y)) / 2
    return { x: MARGIN + at * (NODE.width + GAP.x), y: offset + column.indexOf(key) * (NODE.height + GAP.y) }
  }
  const long = ways.filter((way) => !way.back && (rank.get(way.to) ?? 0) - (rank.get(way.from) ?? 0) > 1)
  const back = ways.filter((way) => way.back)
  /** Longer arcs run outside shorter ones, so that they cross less. */
  const lanes = (list: typeof ways) =>
    [...list].sort((a, b) => Math.abs((rank.get(a.to) ?? 0) - (rank.get(a.from) ?? 0)) - Math.abs((rank.get(b.to) ?? 0) - (rank.get(b.from) ?? 0)))
  const above = lanes(back)
  const below = lanes(long)
  const top = MARGIN + above.length * 12 + (above.length ? 14 : 0)
  const bottom = tallest * (NODE.height + GAP.y) - GAP.y + 34
  const stages = procedure.stages.map((stage, at): PlacedStage => {
    const { x, y } = place(stage.key)
    return { key: stage.key, title: stage.title, end: stage.end, first: at === 0, rank: rank.get(stage.key) ?? 0, x, y: y + top }
  })
  const at = (key: string) => stages.find((stage) => stage.key === key) ?? { x: 0, y: 0, rank: 0 }
  const path = (way: Omit<PlacedWay, 'path'>): string => {
    const a = at(way.from)
    const b = at(way.to)
    if (way.back) {
      const lift = top - 10 - above.indexOf(way) * 12
      const x1 = a.x + NODE.width / 2 - 10
      const x2 = b.x + NODE.width / 2 + 10
      return `M${x1} ${a.y}V${lift + 6}Q${x1} ${lift} ${x1 - 6} ${lift}H${x2 + 6}Q${x2} ${lift} ${x2} ${lift + 6}V${b.y - 3}`
    }
    if (below.includes(way)) {
      const lane = below.indexOf(way)
      const sink = top + bottom + lane * 12
      // The lowest stage of its column is left and reached from below, others through the gap beside the column.
      const lowest = (stage: { x: number; y: number }) => !stages.some((one) => one.x === stage.x && one.y > stage.y)
      const out = lowest(a) ? a.x + NODE.width - 30 : a.x + NODE.width + 8 + (lane % 3) * 5
      const into = lowest(b) ? b.x + NODE.width - 14 : b.x - 14 - (lane % 3) * 5
      const start = lowest(a) ? `M${out} ${a.y + NODE.height}` : `M${a.x + NODE.width} ${a.y + NODE.height - 10}H${out - 4}Q${out} ${a.y + NODE.height - 10} ${out} ${a.y + NODE.height - 6}`
      const end = lowest(b) ? `V${b.y + NODE.height + 3}` : `V${b.y + NODE.height - 6}Q${into} ${b.y + NODE.height - 10} ${into + 4} ${b.y + NODE.height - 10}H${b.x - 3}`
      return `${start}V${sink - 6}Q${out} ${sink} ${out + 6} ${sink}H${into - 6}Q${into} ${sink} ${into} ${sink - 6}${end}`
    }
    const x1 = a.x + NODE.width
    const y1 = a.y + NODE.height / 2
    const x2 = b.x - 3
    const y2 = b.y + NODE.height / 2
    const middle = (x1 + x2) / 2
    return y1 === y2 ? `M${x1} ${y1}H${x2}` : `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`
  }
  const columns = Math.max(0, ...rank.values()) + 1
  return {
    stages,
    ways: ways.map((way) => ({ ...way, path: path(way) })),
    width: MARGIN * 2 + columns * (NODE.width + GAP.x) - GAP.x,
    height: top + bottom + below.length * 12 + 8,
  }
}

/** A title in at most two lines; what does not fit is cut with an ellipsis. */
export function lines(title: string, most = 14): string[] {
  const width = (text: string) => [...text].reduce((sum, letter) => sum + (letter > '\u2e80' ? 2 : 1), 0)
  if (width(title) <= most + 2) return [title]
  const pieces = title.includes(' ') ? title.split(/(?<= )/) : [...title]
  const rows = ['', '']
  let row = 0
  for (const piece of pieces) {
    if (row === 0 && width(rows[0] + piece.trimEnd()) > most + 2) row = 1
    rows[row] += piece
  }
  const [first = '', second = ''] = rows.map((text) => text.trim())
  if (width(second) <= most + 2) return [first, second]
  let cut = ''
  for (const letter of second) {
    if (width(cut + letter) > most) break
    cut += letter
  }
  return [first, `${cut}…`]
}
