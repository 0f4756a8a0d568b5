/** Which fields a form asks now, which it needs, and what is sent: the server decides, this only follows its trial. */
import type { Field, Input, Trial } from '../api/types'

/** What a trial says about the fields; before the first trial nothing is known of conditions. */
export type Asked = Pick<Trial, 'asked' | 'required'> | undefined

export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true
  if (typeof value === 'string') return value.trim() === ''
  return Array.isArray(value) && value.length === 0
}

/** A field with a condition shows only once a trial has asked it; what the record fills itself is never asked. */
export function isAsked(field: Field, trial: Asked): boolean {
  if (field.given) return false
  if (!field.conditional) return true
  return trial?.asked.includes(field.key) ?? false
}

/** Whether the form cannot go without this field as it stands. */
export function isRequired(field: Field, fields: Field[], input: Input, trial: Asked): boolean {
  const named = trial ? trial.required.includes(field.key) || field.required === 'yes' : field.required === 'yes'
  if (!named || !isAsked(field, trial)) return false
  return !replaced(field, fields, input)
}

/** `or` names a field that may be filled instead, from either side. */
function replaced(field: Field, fields: Field[], input: Input): boolean {
  if (field.or && !isEmpty(input[field.or])) return true
  return fields.some((other) => other.or === field.key && !isEmpty(input[other.key]))
}

/** Keys of the fields that are needed and still empty, in the form's order. */
export function missing(fields: Field[], input: Input, trial: Asked): string[] {
  return fields.filter((field) => isRequired(field, fields, input, trial) && isEmpty(input[field.key])).map((field) => field.key)
}

/** Keys of the fields that were repeated to the customer and ticked; they travel beside the fields, as `read_back`. */
export function readBack(input: Input): string[] {
  return Array.isArray(input.read_back) ? (input.read_back as string[]) : []
}

/** Fields to be repeated to the customer that hold a value and were not ticked. */
export function unread(fields: Field[], input: Input, trial: Asked): string[] {
  return fields
    .filter((field) => field.read_back && isAsked(field, trial) && !isEmpty(input[field.key]) && !readBack(input).includes(field.key))
    .map((field) => field.key)
}

/** What goes to the server: asked fields with something in them, words trimmed, empty rows left out. */
export function toSend(fields: Field[], input: Input, trial: Asked): Input {
  const out: Input = {}
  for (const field of fields) {
    if (!isAsked(field, trial)) continue
    const value = input[field.key]
    if (field.kind === 'rows' && field.rows) {
      const inner = field.rows
      const rows = (Array.isArray(value) ? (value as Input[]) : []).map((row) => toSend(inner, row, undefined)).filter((row) => Object.keys(row).length)
      if (rows.length) out[field.key] = rows
      continue
    }
    if (field.kind === 'files') {
      const ids = (Array.isArray(value) ? (value as { id?: unknown }[]) : []).map((file) => file?.id).filter((id) => typeof id === 'string')
      if (ids.length) out[field.key] = ids
      continue
    }
    if (value === false && field.kind === 'flag') {
      out[field.key] = false
      continue
    }
    if (isEmpty(value)) continue
    out[field.key] = typeof value === 'string' ? value.trim() : value
  }
  const ticked = readBack(input).filter((key) => key in out)
  if (ticked.length) out.read_back = ticked
  return out
}
