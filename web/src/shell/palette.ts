/** What the palette finds: plain matching over short texts, the best first. */

/** How well the words fit a text: 0 not at all, more is better. Several words must all fit, in any order. */
export function fit(words: string, text: string): number {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  if (!wanted.length) return 1
  const parts = text.toLowerCase()
  let sum = 0
  for (const word of wanted) {
    const at = parts.indexOf(word)
    if (at < 0) return 0
    const begins = at === 0 || /[\s·，/-]/.test(parts[at - 1] ?? '')
    sum += (begins ? 2 : 1) + word.length / Math.max(parts.length, 1)
  }
  return sum
}

/** Those that fit, the best first; equal ones keep their order. */
export function best<T>(words: string, list: readonly T[], text: (one: T) => string): T[] {
  return list
    .map((one, at) => ({ one, at, fits: fit(words, text(one)) }))
    .filter((scored) => scored.fits > 0)
    .sort((a, b) => b.fits - a.fits || a.at - b.at)
    .map((scored) => scored.one)
}

/** A text cut where the words stand in it, so that they can be marked. */
export function marked(words: string, text: string): { text: string; hit: boolean }[] {
  const wanted = [...new Set(words.toLowerCase().split(/\s+/).filter(Boolean))].sort((a, b) => b.length - a.length)
  const lower = text.toLowerCase()
  const parts: { text: string; hit: boolean }[] = []
  let plain = ''
  for (let at = 0; at < text.length; ) {
    const word = wanted.find((one) => lower.startsWith(one, at))
    if (!word) {
      plain += text[at]
      at += 1
      continue
    }
    if (plain) parts.push({ text: plain, hit: false })
    plain = ''
    parts.push({ text: text.slice(at, at + word.length), hit: true })
    at += word.length
  }
  if (plain) parts.push({ text: plain, hit: false })
  return parts
}
