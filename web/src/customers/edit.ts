/** A customer's record as a form: what was changed, and what another changed meanwhile. Pure. */
import type { Customer, CustomerInput } from '../api/types'

export interface NumberLine {
  no?: number
  kind: string
  /** As typed; empty keeps the one that is there. */
  number: string
  masked: string
  label: string
}
export interface PlaceLine {
  label: string
  area: string
  building: string
  unit: string
  room: string
  text: string
}
export interface RelationLine {
  customer: string
  name: string
  kind: string
  note: string
}
export interface ServiceLine {
  kind: string
  what: string
  at: string
  until?: string
  amount?: number
  note: string
}
export interface CustomerForm {
  name: string
  kind: string
  numbers: NumberLine[]
  places: PlaceLine[]
  relations: RelationLine[]
  services: ServiceLine[]
  tags: string[]
  needs: string
  preferences: string
  notes: string
}
export type CustomerField = keyof CustomerForm
export const customerFields: readonly CustomerField[] = ['name', 'kind', 'numbers', 'places', 'tags', 'relations', 'services', 'preferences', 'needs', 'notes']

/** The record as the form begins. Relations that only others state are theirs to change. */
export const formOf = (view: Customer): CustomerForm => ({
  name: view.name,
  kind: view.kind,
  numbers: view.numbers.map((one) => ({ no: one.no, kind: one.kind, number: '', masked: one.masked, label: one.label })),
  places: view.places.map(({ label, area, building, unit, room, text }) => ({ label, area, building, unit, room, text })),
  relations: view.relations.filter((one) => !one.stated_there && one.kind !== 'apart').map(({ customer, name, kind, note }) => ({ customer, name, kind, note })),
  services: view.services.map((one) => ({ kind: one.kind, what: one.what, at: one.at, until: one.until ?? undefined, amount: one.amount ?? undefined, note: one.note })),
  tags: [...view.tags],
  needs: view.needs,
  preferences: view.preferences,
  notes: view.notes,
})

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** The fields in which two forms differ. */
export const differing = (a: CustomerForm, b: CustomerForm): CustomerField[] => customerFields.filter((field) => !same(a[field], b[field]))

/** Two numbers of this many characters and more are not what a tag is. */
export const tagsOf = (typed: string): string[] => [...new Set(typed.split(/[,，、;；\n]/).map((one) => one.trim()).filter(Boolean))]

const filled = (place: PlaceLine) => Object.entries(place).some(([key, value]) => key !== 'label' && value.trim())

/** What is sent: only what differs from what was there, so that others' changes elsewhere stay. */
export function changeOf(before: CustomerForm, after: CustomerForm): CustomerInput {
  const about: CustomerInput = {}
  for (const field of differing(before, after)) {
    switch (field) {
      case 'numbers':
        about.numbers = after.numbers
          .filter((one) => one.no !== undefined || one.number.trim())
          .map((one) => ({ no: one.no, kind: one.kind, number: one.number.trim() || undefined, label: one.label.trim() }))
        break
      case 'places':
        about.places = after.places.filter(filled)
        break
      case 'relations':
        about.relations = after.relations.filter((one) => one.customer).map(({ customer, kind, note }) => ({ customer, kind, note }))
        break
      case 'services':
        about.services = after.services.filter((one) => one.what.trim())
        break
      case 'tags':
        about.tags = after.tags
        break
      default:
        about[field] = after[field]
    }
  }
  return about
}

/** A field that both changed: the texts stand side by side and a person chooses. */
export interface Conflict {
  field: CustomerField
  mine: string
  theirs: string
}

/** A field in words, for the eye that compares. */
export function shown(form: CustomerForm, field: CustomerField): string {
  switch (field) {
    case 'numbers':
      return form.numbers.map((one) => [one.number || one.masked, one.label].filter(Boolean).join(' ')).join('\n')
    case 'places':
      return form.places.map((one) => [one.area, one.building, one.unit, one.room, one.text, one.label].filter(Boolean).join(' ')).join('\n')
    case 'relations':
      return form.relations.map((one) => [one.name, one.note].filter(Boolean).join(' ')).join('\n')
    case 'services':
      return form.services.map((one) => [one.at.slice(0, 10), one.what, one.note].filter(Boolean).join(' ')).join('\n')
    case 'tags':
      return form.tags.join('\n')
    default:
      return form[field]
  }
}

/** Both began from `base`: what only they changed is taken over, what both changed differently is a conflict. */
export function meet(base: CustomerForm, mine: CustomerForm, theirs: CustomerForm): { form: CustomerForm; conflicts: Conflict[] } {
  const form = { ...mine }
  const conflicts: Conflict[] = []
  const take = <F extends CustomerField>(field: F) => {
    form[field] = theirs[field]
  }
  for (const field of differing(base, theirs)) {
    if (same(mine[field], base[field])) take(field)
    else if (!same(mine[field], theirs[field])) conflicts.push({ field, mine: shown(mine, field), theirs: shown(theirs, field) })
  }
  return { form, conflicts }
}
