/**
 * Which lines of a comment are plain prose, and so can hold a command: not in a code block or span, a quote, HTML (a
 * comment least of all), a table, a footnote or a definition.
 *
 * Anybody can comment, and this happens before permissions are looked up: so it is a scanner of its own, in time that
 * grows with the text alone. A Markdown library was tried and took up to 100 s for 64 KB of `<?` or `*a_`; it is the
 * oracle of the tests. Where Markdown is doubtful a line is no prose: a command that is not done can be given again.
 *
 * Follows the block structure of https://github.github.com/gfm/ (containers, then leaves, then lazy continuation).
 */
import { htmlBlockAt } from './html-starts.ts'
import { type ParagraphLine, proseOf } from './paragraph.ts'

/** One line of a text, without its line break. */
export interface Line {
  text: string
  /** Whether what it begins with, after spaces and list marks, is plain prose. */
  prose: boolean
  /** What of it stands in a quote that is in nothing else, as part of a paragraph there; null where nothing does. */
  quoted: string | null
}

/** A quote, a list item or a footnote. `indent`: the columns that its lines are indented by; null for a quote. */
interface Container {
  indent: number | null
  prose: boolean
  /** A list item that began with an empty line ends at a second one. */
  startedEmpty: boolean
}

type Leaf =
  | { kind: 'paragraph'; lines: ParagraphLine[]; prose: boolean }
  | { kind: 'fence'; mark: string; length: number }
  /** `end` null: an empty line. */
  | { kind: 'html'; end: RegExp | null }
  | { kind: 'none' }

/** Quotes and lists inside one another, beyond which nothing is prose. */
const NESTING_MAX = 50
const NONE: Leaf = { kind: 'none' }

/** The lines of a comment, each with whether it is prose. */
export function proseLines(markdown: string): Line[] {
  const lines = markdown.split(/\r\n|\n|\r/)
  const prose = new Set<number>()
  const quoted = new Map<number, string>()
  let containers: Container[] = []
  let leaf: Leaf = NONE
  // Parsers differ in what ends a footnote, or HTML, a fence or an empty item within a container: nothing after one is
  // prose until an empty line.
  let doubtful = false

  for (const [index, text] of lines.entries()) {
    const line = expandTabs(text)
    const { matched, position } = matchContainers(containers, line)
    const all = matched === containers.length
    let rest = line.slice(position)
    if (rest.trim() === '') {
      doubtful = false
      if (leaf.kind === 'fence' && all) continue
      if (leaf.kind === 'html' && leaf.end !== null && all) continue
      close()
      containers = containers.slice(0, matched)
      continue
    }
    if (leaf.kind === 'fence' || leaf.kind === 'html') {
      if (all) {
        if (endsLeaf(leaf, rest)) leaf = NONE
        continue
      }
      doubtful = true
      leaf = NONE
    }
    if (!all && containers.at(-1)?.startedEmpty) doubtful = true

    let opened = false
    let isParagraph = true
    for (;;) {
      const goesOn: boolean = leaf.kind === 'paragraph' && !opened
      const indent = rest.length - rest.trimStart().length
      if (indent >= 4) {
        if (!goesOn) isParagraph = false
        break
      }
      const body = rest.slice(indent)
      const container = containerAt(body, indent, goesOn && all)
      if (container !== null && containers.length < NESTING_MAX) {
        open(matched, container.container)
        doubtful ||= FOOTNOTE.test(body)
        rest = rest.slice(indent + container.width)
        if (rest.trim() === '') {
          isParagraph = false
          break
        }
        continue
      }
      const started = leafAt(body, goesOn, all)
      if (started !== null) {
        open(matched, null)
        leaf = started
        isParagraph = false
      }
      break
    }
    if (!isParagraph) {
      if (!opened) open(matched, null)
      continue
    }
    const content: ParagraphLine = { index, text: rest.trimStart() }
    if (leaf.kind === 'paragraph' && !opened) {
      leaf.lines.push(content)
      if (all) noteQuoted(content)
    } else {
      if (!opened) open(matched, null)
      noteQuoted(content)
      const plain = !doubtful && containers.length < NESTING_MAX && containers.every((container) => container.prose)
      leaf = { kind: 'paragraph', lines: [content], prose: plain }
    }

    /** Closes what the line is not in, and opens a container in it. */
    function open(kept: number, container: Container | null) {
      if (!opened) {
        close()
        containers = containers.slice(0, kept)
        opened = true
      }
      if (container !== null) containers.push(container)
    }
  }
  close()
  return lines.map((text, index) => ({ text, prose: prose.has(index), quoted: quoted.get(index) ?? null }))

  /** A line that only goes on a quote, without its mark, is left out: it may be what somebody wrote below. */
  function noteQuoted({ index, text }: ParagraphLine) {
    const [outer, ...inner] = containers
    if (!doubtful && outer?.indent === null && inner.every(({ indent }) => indent !== null)) quoted.set(index, text)
  }

  function close() {
    if (leaf.kind === 'paragraph' && leaf.prose) for (const index of proseOf(leaf.lines)) prose.add(index)
    leaf = NONE
  }
}

/** How many of the open containers a line goes on, and where their content begins in it. */
function matchContainers(containers: readonly Container[], line: string): { matched: number; position: number } {
  let position = 0
  for (const [index, { indent, startedEmpty }] of containers.entries()) {
    const spaces = spacesAt(line, position)
    const blank = position + spaces === line.length
    if (indent === null) {
      if (spaces > 3 || line.charAt(position + spaces) !== '>') return { matched: index, position }
      position += spaces + 1
      if (line.charAt(position) === ' ') position += 1
    } else if (blank) {
      if (startedEmpty) return { matched: index, position }
    } else if (spaces >= indent) position += indent
    else return { matched: index, position }
  }
  return { matched: containers.length, position }
}

const LIST_MARK = /^(?:[-+*]|\d{1,9}[.)])(?= |$)/
const FOOTNOTE = /^\[\^[^\]\s]+\]:/

/** The container that a line begins, and how many columns of the line its mark takes. */
function containerAt(body: string, indent: number, inParagraph: boolean): { container: Container; width: number } | null {
  if (body.startsWith('>')) {
    return { container: { indent: null, prose: false, startedEmpty: false }, width: body.charAt(1) === ' ' ? 2 : 1 }
  }
  if (FOOTNOTE.test(body)) {
    return { container: { indent: 4, prose: false, startedEmpty: false }, width: body.indexOf(':') + 1 }
  }
  const mark = isThematicBreak(body) ? undefined : LIST_MARK.exec(body)?.[0]
  if (mark === undefined) return null
  const empty = body.slice(mark.length).trim() === ''
  // A paragraph is interrupted only by an item that has content, and by a numbered one that begins at 1.
  if (inParagraph && (empty || /^\d/.test(mark) !== /^1[.)]$/.test(mark))) return null
  const spaces = empty ? 1 : spacesAt(body, mark.length)
  const width = mark.length + (spaces > 4 ? 1 : spaces)
  return { container: { indent: indent + width, prose: true, startedEmpty: empty }, width }
}

/** The block, other than a paragraph, that a line begins: `none` for a heading or a break, which end with the line. */
function leafAt(body: string, inParagraph: boolean, all: boolean): Leaf | null {
  if (/^#{1,6}(?:\s|$)/.test(body)) return NONE
  const fence = /^(?:(`{3,})[^`]*|(~{3,}).*)$/.exec(body)
  if (fence !== null) {
    const mark = fence[1] ?? fence[2] ?? ''
    return { kind: 'fence', mark: mark.charAt(0), length: mark.length }
  }
  const html = htmlBlockAt(body, inParagraph && all)
  if (html !== undefined) return html.end?.test(body) ? NONE : { kind: 'html', end: html.end }
  if (inParagraph && all && /^(?:=+|-+)\s*$/.test(body)) return NONE
  return isThematicBreak(body) ? NONE : null
}

function isThematicBreak(body: string): boolean {
  return /^(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,})$/.test(body)
}

function endsLeaf(leaf: Leaf & { kind: 'fence' | 'html' }, rest: string): boolean {
  if (leaf.kind === 'html') return leaf.end?.test(rest) ?? false
  const mark = rest.trim()
  return spacesAt(rest, 0) < 4 && mark.length >= leaf.length && mark.replaceAll(leaf.mark, '') === ''
}

function spacesAt(line: string, position: number): number {
  let end = position
  while (line.charAt(end) === ' ') end += 1
  return end - position
}

/** Tabs as the spaces up to the next of every four columns, at the line's beginning; behind that they do not matter. */
function expandTabs(line: string): string {
  if (!line.includes('\t')) return line
  let column = 0
  let expanded = ''
  for (const character of line) {
    const width = character === '\t' ? 4 - (column % 4) : 1
    expanded += character === '\t' ? ' '.repeat(width) : character
    column += width
  }
  return expanded
}
