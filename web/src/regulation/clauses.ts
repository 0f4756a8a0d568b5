/** The regulation's text cut into what its page shows: headings for the contents, clauses with what the report says of them. */
import type { ClauseRow, Reading } from '../api/types'

export interface Heading {
  at: number
  level: number
  number?: string
  text: string
  /** Late clauses below it this month. */
  late: number
}

interface Block {
  kind: string
  level?: number | null
  number?: string | null
  id?: string | null
  text: string
}

export type Rows = Map<string, ClauseRow>

export const rowsOf = (pack: string, rows: readonly ClauseRow[]): Rows =>
  new Map(rows.filter((row) => row.clause.pack === pack).map((row) => [row.clause.id, row]))

/** The contents: every heading, with how many late ones stand below it. */
export function headings(blocks: readonly Block[], rows: Rows): Heading[] {
  const list: Heading[] = []
  blocks.forEach((block, at) => {
    if (block.kind === 'heading') list.push({ at, level: block.level ?? 1, number: block.number ?? undefined, text: block.text, late: 0 })
    else if (block.kind === 'clause' && block.id) {
      const late = rows.get(block.id)?.late ?? 0
      const last = list.at(-1)
      if (last) last.late += late
    }
  })
  return list
}

type Deadline = Reading['procedures'][number]['deadlines'][number]

/** Every deadline that carries a clause, with the procedure it belongs to. */
export function deadlinesOf(reading: Reading | undefined, pack: string, clause: string): { procedure: string; deadline: Deadline }[] {
  return (reading?.procedures ?? []).flatMap((procedure) =>
    procedure.deadlines
      .filter((deadline) => deadline.clause.pack === pack && deadline.clause.id === clause)
      .map((deadline) => ({ procedure: procedure.title, deadline })),
  )
}
