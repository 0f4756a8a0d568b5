/** Phrases while typing: where one is being called up, what it leaves in the text, and what must not be said. */
import type { Phrases } from '../api/types'

/** Where `::` or `：：` stands before the caret, and the words after it. */
export interface CallUp {
  from: number
  words: string
}

/** After so many letters nobody is choosing any more. */
const LONGEST = 12

/** The call-up at the caret, if one is open: two colons, either width, and no space since. */
export function callUpAt(text: string, caret: number): CallUp | undefined {
  const before = text.slice(Math.max(0, caret - LONGEST - 2), caret)
  const found = /[:：]{2}([^\s:：]*)$/.exec(before)
  if (!found || (found[1] ?? '').length > LONGEST) return undefined
  return { from: caret - found[0].length, words: found[1] ?? '' }
}

/** The text with the phrase in the call-up's place, and where the caret stands then. */
export function withPhrase(text: string, callUp: CallUp, caret: number, phrase: string): { text: string; caret: number } {
  return { text: text.slice(0, callUp.from) + phrase + text.slice(caret), caret: callUp.from + phrase.length }
}

export interface Choice {
  group: string
  phrase: string
}

/** Phrases to choose from, those that begin with the words or stand in a situation of that name first. */
export function choices(groups: readonly Phrases[], words: string): Choice[] {
  const wanted = words.toLowerCase()
  const all = groups.filter((group) => !group.forbidden).flatMap((group) => group.phrases.map((phrase) => ({ group: group.title, phrase })))
  if (!wanted) return all
  const rank = ({ group, phrase }: Choice) => (group.toLowerCase().includes(wanted) || phrase.toLowerCase().startsWith(wanted) ? 2 : phrase.toLowerCase().includes(wanted) ? 1 : 0)
  return all
    .map((choice, at) => ({ choice, at, rank: rank(choice) }))
    .filter((one) => one.rank > 0)
    .sort((a, b) => b.rank - a.rank || a.at - b.at)
    .map((one) => one.choice)
}

export interface Forbidden {
  from: number
  to: number
  phrase: string
  group: Phrases
}

/** Every forbidden phrase in a text, in order and without overlaps; case and width of letters do not matter. */
export function forbiddenIn(text: string, groups: readonly Phrases[]): Forbidden[] {
  const folded = fold(text)
  const found: Forbidden[] = []
  for (const group of groups.filter((one) => one.forbidden)) {
    for (const phrase of new Set([...group.spoken, ...group.phrases])) {
      const wanted = fold(phrase)
      if (!wanted) continue
      for (let at = folded.indexOf(wanted); at >= 0; at = folded.indexOf(wanted, at + wanted.length)) found.push({ from: at, to: at + wanted.length, phrase, group })
    }
  }
  found.sort((a, b) => a.from - b.from || b.to - a.to)
  return found.filter((one, at) => !found.slice(0, at).some((before) => before.to > one.from))
}

/** Lower case, full-width letters and digits as plain ones; never changes the length, so that places stay. */
const fold = (text: string): string =>
  [...text].map((letter) => {
    const code = letter.charCodeAt(0)
    const plain = code >= 0xff01 && code <= 0xff5e ? String.fromCharCode(code - 0xfee0) : letter
    const lower = plain.toLowerCase()
    return lower.length === letter.length ? lower : letter
  }).join('')

/** A text cut at its forbidden phrases, for the lines under them. */
export function cut(text: string, found: readonly Forbidden[]): { text: string; no: boolean }[] {
  const parts: { text: string; no: boolean }[] = []
  let at = 0
  for (const one of found) {
    if (one.from > at) parts.push({ text: text.slice(at, one.from), no: false })
    parts.push({ text: text.slice(one.from, one.to), no: true })
    at = one.to
  }
  if (at < text.length) parts.push({ text: text.slice(at), no: false })
  return parts
}
