/** The little of Markdown that help pages are written in: headings, paragraphs, lists, pictures, bold, keys, links. */

export type Inline = { kind: 'text' | 'bold' | 'key'; text: string } | { kind: 'link'; text: string; to: string }
export type Block =
  | { kind: 'heading'; level: number; text: string }
  | { kind: 'paragraph'; text: Inline[] }
  | { kind: 'list'; ordered: boolean; items: Inline[][] }
  | { kind: 'picture'; name: string; alt: string }

const PIECES = /\*\*([^*]+)\*\*|`([^`]+)`|\[([^\]]+)\]\(([^)]+)\)/g

/** A line's pieces; what is none of them is text, and text is never read as markup. */
export function inline(line: string): Inline[] {
  const pieces: Inline[] = []
  let at = 0
  for (const found of line.matchAll(PIECES)) {
    if (found.index > at) pieces.push({ kind: 'text', text: line.slice(at, found.index) })
    if (found[1] !== undefined) pieces.push({ kind: 'bold', text: found[1] })
    else if (found[2] !== undefined) pieces.push({ kind: 'key', text: found[2] })
    else pieces.push({ kind: 'link', text: found[3] ?? '', to: found[4] ?? '' })
    at = found.index + found[0].length
  }
  if (at < line.length) pieces.push({ kind: 'text', text: line.slice(at) })
  return pieces
}

export function blocksOf(text: string): Block[] {
  const blocks: Block[] = []
  let open: { ordered: boolean; items: Inline[][] } | undefined
  for (const raw of text.split('\n')) {
    const line = raw.trim()
    const item = /^(?:(-)|\d+\.)\s+(.*)$/.exec(line)
    if (item) {
      const ordered = !item[1]
      if (!open || open.ordered !== ordered) {
        open = { ordered, items: [] }
        blocks.push({ kind: 'list', ...open })
      }
      open.items.push(inline(item[2] ?? ''))
      continue
    }
    open = undefined
    if (!line) continue
    const heading = /^(#{1,3})\s+(.*)$/.exec(line)
    const picture = /^!\[([^\]]*)\]\(([a-z-]+)\)$/.exec(line)
    if (heading) blocks.push({ kind: 'heading', level: heading[1]?.length ?? 1, text: heading[2] ?? '' })
    else if (picture) blocks.push({ kind: 'picture', alt: picture[1] ?? '', name: picture[2] ?? '' })
    else blocks.push({ kind: 'paragraph', text: inline(line) })
  }
  return blocks
}
