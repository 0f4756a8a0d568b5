/** How the columns of a file are ordered to be read. */
import type { Wish } from '../api/types'

/** Columns that hold nothing are left out; a procedure is named `pack.procedure`. */
export function wishOf(columns: readonly string[], holds: readonly string[], procedure: string): Wish {
  const at = procedure.indexOf('.')
  return {
    columns: Object.fromEntries(columns.flatMap((column, index) => (holds[index] ? [[column, holds[index]]] : []))),
    ...(at > 0 ? { pack: procedure.slice(0, at), procedure: procedure.slice(at + 1) } : {}),
  } as Wish
}
