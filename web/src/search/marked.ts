/** A text with the places that matched, cut so that they can be marked. Pure. */
import type { Marked } from '../api/types'

export interface Part {
  text: string
  hit: boolean
}

/** Ranges are UTF-16 units as the server counts them; what overlaps or lies outside is put right, no letter is lost. */
export function parts(marked: Pick<Marked, 'text' | 'ranges'>): Part[] {
  const found: Part[] = []
  let at = 0
  for (const [from = 0, to = 0] of [...marked.ranges].sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0))) {
    const begin = Math.max(at, Math.min(from, marked.text.length))
    const end = Math.min(to, marked.text.length)
    if (end <= begin) continue
    if (begin > at) found.push({ text: marked.text.slice(at, begin), hit: false })
    found.push({ text: marked.text.slice(begin, end), hit: true })
    at = end
  }
  if (at < marked.text.length) found.push({ text: marked.text.slice(at), hit: false })
  return found
}

/** Whether the excerpt says more than the title does. */
export const saysMore = (excerpt: Pick<Marked, 'text'>, title: Pick<Marked, 'text'>): boolean => excerpt.text.trim() !== '' && !title.text.includes(excerpt.text.trim())
