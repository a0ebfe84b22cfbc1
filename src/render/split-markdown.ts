/** Long Markdown in several comments, each well-formed on its own. */
import type { RootContent } from 'mdast'
import { codeBlock } from './code-text.ts'
import { parseMarkdown } from './markdown-tree.ts'

/**
 * Markdown that is safe to post, cut between its blocks (paragraphs, items of a list, lines of code) into parts of at most
 * `max` characters. Nothing is rewritten but a single block longer than that, which is shown as the code it is.
 */
export function splitMarkdown(markdown: string, max: number): string[] {
  const parts: string[] = []
  let current = ''
  for (const { text, gap } of parseMarkdown(markdown).children.flatMap((node) => piecesOf(node, markdown, max))) {
    const joined = current === '' ? text : `${current}${gap}${text}`
    if (joined.length <= max) {
      current = joined
    } else {
      if (current !== '') parts.push(current)
      current = text
    }
  }
  return current === '' ? parts : [...parts, current]
}

interface Piece {
  text: string
  /** What stands between it and the piece before. */
  gap: string
}

function piecesOf(node: RootContent, markdown: string, max: number): Piece[] {
  const text = sourceOf(node, markdown)
  if (text.length <= max) return [{ text, gap: '\n\n' }]
  if (node.type === 'list') {
    return node.children.flatMap((item, index) =>
      fitting(sourceOf(item, markdown), max).map((one) => ({ text: one, gap: index === 0 ? '\n\n' : '\n' })),
    )
  }
  // What is in a code block may fit where the block does not: it is code still.
  const parts = node.type === 'code' ? slicesOf(node.value, max) : fitting(text, max)
  return parts.map((one) => ({ text: one, gap: '\n\n' }))
}

/** The text where it fits, else slices of it as code: cut anywhere else, half of an escape or a link could come alive. */
function fitting(text: string, max: number): string[] {
  return text.length <= max ? [text] : slicesOf(text, max)
}

function slicesOf(text: string, max: number): string[] {
  const slices: string[] = []
  for (let rest = text; rest !== ''; ) {
    let length = Math.min(rest.length, max)
    // A fence longer than the backticks inside, and what is neutralised, make it longer than it was.
    while (length > 1 && codeBlock(rest.slice(0, length)).length > max) length = Math.floor(length * 0.9)
    const line = rest.lastIndexOf('\n', length)
    const end = line > length / 2 && length < rest.length ? line + 1 : length
    slices.push(codeBlock(rest.slice(0, end)))
    rest = rest.slice(end)
  }
  return slices
}

function sourceOf({ position }: { position?: RootContent['position'] }, markdown: string): string {
  return position === undefined ? '' : markdown.slice(position.start.offset, position.end.offset)
}
