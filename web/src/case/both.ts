/** Two people write into the same field of a case: what each wrote, so that a person chooses. Pure. */
import type { Entry, Field, Input } from '../api/types'

export interface Both {
  key: string
  title: string
  mine: string
  theirs: string
}

/** Kinds whose words can be taken over as they stand; of others the history tells. */
const texts: readonly string[] = ['line', 'text', 'place']

/** Fields that the other's act filled and this form holds otherwise. */
export function bothWrote(fields: readonly Field[], input: Input, entry: Pick<Entry, 'words'> | undefined): Both[] {
  return fields.flatMap((field) => {
    const mine = input[field.key]
    const theirs = entry?.words.find((word) => word.key === field.key)?.text
    if (!texts.includes(field.kind) || field.personal || typeof mine !== 'string' || !mine.trim() || !theirs || theirs.trim() === mine.trim()) return []
    return { key: field.key, title: field.title, mine, theirs }
  })
}
