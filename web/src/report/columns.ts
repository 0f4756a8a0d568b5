import type { ClauseRow } from '../api/types'

/** The report's columns as the server names them; each opens down to its cases. */
export type ReportColumn = 'kept' | 'late' | 'open' | 'exempt' | 'lapsed' | 'refused'

export const reportColumns: ReportColumn[] = ['late', 'kept', 'open', 'exempt', 'lapsed', 'refused']

export const isColumn = (value: unknown): value is ReportColumn => reportColumns.includes(value as ReportColumn)

/** The columns of one clause with their figures, those without any left out except kept and late. */
export const columnsOf = (row: ClauseRow): { key: ReportColumn; n: number }[] =>
  reportColumns.map((key) => ({ key, n: row[key] })).filter((one) => one.n > 0 || one.key === 'late' || one.key === 'kept')

/** Whether anything at all was counted under the clause. */
export const counted = (row: ClauseRow): boolean => reportColumns.some((key) => row[key] > 0)
