import { inlineCode } from './code-text.ts'
import { safeLine } from './safe-text.ts'

/** A folded part: shown by its summary until it is opened. */
export interface Section {
  /** Plain words, without markup. */
  summary: string
  /** Markdown. */
  body: string
}

/** Longest line of a list that others wrote, in characters. */
export const LINE_MAX_CHARS = 300
/** Longest text that others wrote, in characters. */
export const TEXT_MAX_CHARS = 6_000
const MAX_ROWS = 20

/** Parts one below the other; what is empty is left out. */
export function stacked(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== '').join('\n\n')
}

/** A titled list; as many rows as allowed, and how many more there are. Null where it is empty. */
export function titled<T>(title: string, all: readonly T[], line: (one: T) => string, rows: number = MAX_ROWS): string | null {
  if (all.length === 0) return null
  const more = all.length > rows ? [`- … and ${all.length - rows} more`] : []
  return [`**${title}**`, '', ...all.slice(0, rows).map(line), ...more].join('\n')
}

/** A line of a list. */
export function item(text: string): string {
  return `- ${safeLine(text, LINE_MAX_CHARS)}`
}

/** Where something was seen, as code; empty where nobody said. */
export function placeOf(seen: {
  repository?: string | undefined
  path?: string | undefined
  line?: number | undefined
}): string {
  const at = seen.path === undefined ? '' : seen.line === undefined ? seen.path : `${seen.path}:${seen.line}`
  return [seen.repository, at]
    .filter((part) => part !== undefined && part !== '')
    .map((part) => inlineCode(part ?? ''))
    .join(' ')
}
