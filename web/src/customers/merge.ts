/** Two records side by side: what each says, and whose is kept. Pure. */
import type { Customer } from '../api/types'

export type Side = 'kept' | 'other' | 'both'
export type MergeField = 'name' | 'kind' | 'numbers' | 'places' | 'tags' | 'services' | 'preferences' | 'needs' | 'notes'
export type MergeChoices = Record<MergeField, Side>

const one: readonly MergeField[] = ['name', 'kind']
export const mergeFields: readonly MergeField[] = ['name', 'kind', 'numbers', 'places', 'tags', 'services', 'preferences', 'needs', 'notes']

/** Whose value can be kept of a field: a name is one of two, lists and texts can be joined. */
export const sides = (field: MergeField): Side[] => (one.includes(field) ? ['kept', 'other'] : ['kept', 'both', 'other'])

const lines: Record<MergeField, (view: Customer) => string[]> = {
  name: (view) => [view.name],
  kind: (view) => [view.kind],
  numbers: (view) => view.numbers.map((number) => [number.masked, number.label].filter(Boolean).join(' ')),
  places: (view) => view.places.map((place) => [place.line, place.label].filter(Boolean).join(' ')),
  tags: (view) => view.tags,
  services: (view) => view.services.map((service) => service.what),
  preferences: (view) => [view.preferences].filter(Boolean),
  needs: (view) => [view.needs].filter(Boolean),
  notes: (view) => [view.notes].filter(Boolean),
}

export interface MergeRow {
  field: MergeField
  kept: string[]
  other: string[]
  /** Lines that both have. */
  shared: Set<string>
}

/** The fields where there is something to choose; what neither fills or both say alike needs no choice. */
export const rows = (kept: Customer, other: Customer): MergeRow[] =>
  mergeFields
    .map((field) => {
      const mine = lines[field](kept)
      const theirs = lines[field](other)
      return { field, kept: mine, other: theirs, shared: new Set(mine.filter((line) => theirs.includes(line))) }
    })
    .filter((row) => row.kept.join('\n') !== row.other.join('\n'))

/** Nothing is lost unless somebody says so: lists are joined, the kept record's name stays, what only one side fills is taken. */
export function defaults(kept: Customer, other: Customer): MergeChoices {
  const chosen = Object.fromEntries(mergeFields.map((field) => [field, one.includes(field) ? 'kept' : 'both'])) as MergeChoices
  if (!kept.name.trim() && other.name.trim()) chosen.name = 'other'
  return chosen
}
