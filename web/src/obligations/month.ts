/** A month of duties as its page groups and counts them. */
import type { Month } from '../api/types'

type Duty = Month['duties'][number]
const STATES = ['kept', 'kept_late', 'overdue', 'running', 'pending'] as const
export type Sums = Record<(typeof STATES)[number] | 'all', number>

export interface FunctionGroup {
  key: string
  title: string
  unit: string
  holders: string[]
  duties: Duty[]
  sums: Sums
}

/** How many turns stand how; exempt and lapsed ones are owed no more, but counted in all. */
export function sums(duties: readonly Duty[]): Sums {
  const sum: Sums = { all: 0, kept: 0, kept_late: 0, overdue: 0, running: 0, pending: 0 }
  for (const turn of duties.flatMap((duty) => duty.turns)) {
    sum.all += 1
    const state = STATES.find((one) => one === turn.state)
    if (state) sum[state] += 1
  }
  return sum
}

/** Duties under the function that owes them, in each unit; those with turns in this month first. */
export function byFunction(duties: readonly Duty[]): FunctionGroup[] {
  const groups: FunctionGroup[] = []
  for (const duty of duties) {
    const key = `${duty.unit}.${duty.function}`
    const known = groups.find((one) => one.key === key)
    if (known) known.duties.push(duty)
    else groups.push({ key, title: duty.function_title, unit: duty.unit_name, holders: duty.holders, duties: [duty], sums: sums([]) })
  }
  for (const group of groups) {
    group.sums = sums(group.duties)
    group.duties.sort((a, b) => Number(b.turns.length > 0) - Number(a.turns.length > 0))
  }
  return groups.sort((a, b) => Number(b.sums.all > 0) - Number(a.sums.all > 0))
}

/** `1` to `28`–`31`. */
export function dayNumbers(month: string): number[] {
  const [year = 1970, number = 1] = month.split('-').map(Number)
  return Array.from({ length: new Date(Date.UTC(year, number, 0)).getUTCDate() }, (_, at) => at + 1)
}

/** The month so many after this one. */
export function monthAfter(month: string, by: number): string {
  const [year = 1970, number = 1] = month.split('-').map(Number)
  return new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7)
}
