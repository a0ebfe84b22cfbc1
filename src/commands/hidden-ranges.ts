import { htmlFinder } from './html-starts.ts'

/** A part of a text, from `start` to before `end`. */
export interface Range {
  start: number
  end: number
}

/**
 * The parts of a paragraph that are code spans or HTML, in order, each found in time that grows with the text alone.
 * What is opened and never closed is text. https://github.github.com/gfm/#code-spans
 */
export function hiddenRanges(text: string): Range[] {
  const runs = backtickRuns(text)
  const htmlEnd = htmlFinder(text)
  const hidden: Range[] = []
  for (const { 0: mark, index } of text.matchAll(/\\[!-/:-@[-`{-~]|`+|</g)) {
    if (index < (hidden.at(-1)?.end ?? 0) || mark.startsWith('\\')) continue
    const end = mark === '<' ? htmlEnd(index) : runs(index, mark.length)
    if (end !== null) hidden.push({ start: index, end })
  }
  return hidden
}

/** For a run of backticks: the end of the next run of the same length. */
function backtickRuns(text: string): (at: number, length: number) => number | null {
  const byLength = new Map<number, number[]>()
  for (const { 0: run, index } of text.matchAll(/`+/g)) {
    const places = byLength.get(run.length)
    if (places === undefined) byLength.set(run.length, [index])
    else places.push(index)
  }
  const cursors = new Map<number, number>()
  return (at, length) => {
    const places = byLength.get(length) ?? []
    let cursor = cursors.get(length) ?? 0
    while ((places[cursor] ?? Number.POSITIVE_INFINITY) <= at) cursor += 1
    cursors.set(length, cursor)
    const place = places[cursor]
    return place === undefined ? null : place + length
  }
}
