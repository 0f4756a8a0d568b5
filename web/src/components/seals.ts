import type { CaseLine } from '../api/types'

/** A seal is one Chinese character in either language; its name says what it means. */
export type SealKind = 'urged' | 'supervised'

/** The seals a case carries: at most three, red first. */
export function sealsOf(line: Pick<CaseLine, 'supervised' | 'urged'>): { kind: SealKind; red: boolean; n: number }[] {
  const seals: { kind: SealKind; red: boolean; n: number }[] = []
  if (line.urged > 0) seals.push({ kind: 'urged', red: true, n: line.urged })
  if (line.supervised) seals.push({ kind: 'supervised', red: false, n: 0 })
  return seals
}
