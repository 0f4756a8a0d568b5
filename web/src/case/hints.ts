/** What of a form that is being typed may tell that the same matter is known already. Pure. */
import type { Field, Input } from '../api/types'

export interface HintWords {
  /** The place as it stands in the form. */
  place?: string
  /** The part of the text that says most in few words. */
  matter?: string
}

const SHORTEST = 4
const LONGEST = 20

/** The longest stretch between marks, cut to what a search can carry; nothing while too little was typed. */
export function matterOf(text: string): string | undefined {
  const parts = text.split(/[\s，。！？；：、,.!?;:（）()“”"']+/).filter((part) => [...part].length >= SHORTEST)
  const longest = parts.sort((a, b) => [...b].length - [...a].length)[0]
  return longest && [...longest].slice(0, LONGEST).join('')
}

export function hintWords(fields: readonly Field[], input: Input): HintWords {
  const typed = (kind: string) => fields.filter((field) => field.kind === kind).map((field) => input[field.key]).find((value): value is string => typeof value === 'string' && value.trim() !== '')
  const place = typed('place')?.trim()
  return { place: place && [...place].length >= 2 ? place : undefined, matter: matterOf(typed('text') ?? '') }
}
