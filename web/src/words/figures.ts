/** Numbers, rates and money in words. */
const plain = new Intl.NumberFormat('en-US')
const one = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 })
const money2 = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })

/** `1,846`. */
export const count = (n: number): string => plain.format(n)

/** `97.7%` out of 0.977; one decimal. */
export const percent = (share: number): string => `${one.format(share * 100)}%`

/** `¥1,280.00` out of fen. */
export const money = (fen: number): string => `¥${money2.format(fen / 100)}`

/** Fen out of what was typed in yuan, exactly; undefined if it is no amount. */
export function fenOf(typed: string): number | undefined {
  const found = /^\s*¥?\s*(\d{1,12})(?:\.(\d{1,2}))?\s*$/.exec(typed.replaceAll(',', ''))
  if (!found) return undefined
  return Number(found[1]) * 100 + Number((found[2] ?? '').padEnd(2, '0') || 0)
}
