/** What texts have in common, for the eye that compares them. Pure; the judgement of likeness is the server's. */
import type { Part } from '../search/marked'

/** Letters, digits and Chinese; marks and spaces are no common ground. */
const counts = (letter: string) => /[\p{L}\p{N}]/u.test(letter)

function pairs(text: string): Set<string> {
  const letters = [...text]
  const found = new Set<string>()
  for (let at = 0; at + 1 < letters.length; at += 1) {
    const pair = `${letters[at]}${letters[at + 1]}`
    if (counts(letters[at] ?? '') && counts(letters[at + 1] ?? '')) found.add(pair)
  }
  return found
}

/** The text with every letter marked that stands beside the same neighbour in one of the others too. */
export function sharedParts(text: string, others: readonly string[]): Part[] {
  const known = new Set<string>()
  for (const other of others) for (const pair of pairs(other)) known.add(pair)
  const letters = [...text]
  const hit = letters.map(() => false)
  for (let at = 0; at + 1 < letters.length; at += 1) {
    if (known.has(`${letters[at]}${letters[at + 1]}`)) {
      hit[at] = true
      hit[at + 1] = true
    }
  }
  const parts: Part[] = []
  letters.forEach((letter, at) => {
    const last = parts.at(-1)
    if (last && last.hit === hit[at]) last.text += letter
    else parts.push({ text: letter, hit: hit[at] ?? false })
  })
  return parts
}
