/** Running cases moved to another version: asked stretch by stretch, first only what would become of each. */
import { api, ask } from '../api/client'
import type { MovedCase } from '../api/types'

export interface Moves {
  items: MovedCase[]
  moved: number
  refused: number
}

export interface MoveWish {
  version?: string
  /** Stages that are called otherwise: old to new. */
  stages: Record<string, string>
}

/** Goes through all running cases; `told` hears how far it is. */
export async function move(name: string, wish: MoveWish, carryOut: boolean, told: (so: Moves) => void): Promise<Moves> {
  const all: Moves = { items: [], moved: 0, refused: 0 }
  let after: string | undefined
  do {
    const body = { version: wish.version, stages: wish.stages, carry_out: carryOut, limit: 200, after }
    const page = await ask(api.POST('/api/packs/{name}/moves', { params: { path: { name } }, body }))
    all.items.push(...page.items)
    all.moved += page.moved
    all.refused += page.refused
    after = page.next ?? undefined
    told({ ...all })
  } while (after)
  return all
}

/** `old=new` a line, as the command takes it; lines that are none are left out. */
export function stagesOf(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split('\n')
      .map((line) => line.split('=').map((part) => part.trim()))
      .filter((parts): parts is [string, string] => parts.length === 2 && !!parts[0] && !!parts[1]),
  )
}

/** Those that stay first, with their reasons; then those whose clocks change; the rest after. */
export const ordered = (items: readonly MovedCase[]): MovedCase[] =>
  [...items].sort((a, b) => Number(b.reasons.length > 0) - Number(a.reasons.length > 0) || b.clocks.length - a.clocks.length || a.number.localeCompare(b.number))
