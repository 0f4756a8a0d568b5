import type { CaseLine } from '../api/types'

/** A seal is one Chinese character in either language; its name says what it means. */
export type SealKind = 'urged' | 'major' | 'supervised'

/** The seals a case carries: at most three, red first. */
export function sealsOf(line: Pick<CaseLine, 'supervised' | 'urged' | 'grade'>): { kind: SealKind; red: boolean; n: number }[] {
  const seals: { kind: SealKind; red: boolean; n: number }[] = []
  if (line.grade === 'major') seals.push({ kind: 'major', red: true, n: 0 })
  if (line.urged > 0) seals.push({ kind: 'urged', red: true, n: line.urged })
  if (line.supervised) seals.push({ kind: 'supervised', red: false, n: 0 })
  return seals
}
