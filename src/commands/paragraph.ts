import { hiddenRanges } from './hidden-ranges.ts'

/** A line of a paragraph: which line of the text it is, and what is left of it within its containers. */
export interface ParagraphLine {
  index: number
  text: string
}

/** A row that makes the line above it the head of a table. Dashes alone underline a heading. */
const DELIMITER_ROW = /^(?=.*[|:])\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/

/** The lines of a paragraph that begin with plain text: not within code, HTML, a table or a definition. */
export function proseOf(lines: readonly ParagraphLine[]): number[] {
  const hidden = hiddenRanges(lines.map(({ text }) => text).join('\n'))
  const delimiter = lines.findIndex(({ text }, place) => place > 0 && DELIMITER_ROW.test(text))
  const end = delimiter === -1 ? lines.length : delimiter - 1
  const prose: number[] = []
  // A definition may go on over lines, and what it defines is not shown.
  let defines = false
  let next = 0
  let start = 0
  for (const { index, text } of lines.slice(0, end)) {
    while ((hidden[next]?.end ?? Number.POSITIVE_INFINITY) <= start) next += 1
    const range = hidden[next]
    if ((range === undefined || range.start > start) && !defines) prose.push(index)
    defines ||= lines[0]?.text.startsWith('[') === true && text.includes(']:')
    start += text.length + 1
  }
  return prose
}
