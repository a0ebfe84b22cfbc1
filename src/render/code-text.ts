import { neutralCode } from './neutral.ts'

/** Text as code, which shows it as it is. A fence longer than any run of backticks inside cannot be ended by the text. */

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map((run) => run[0].length))
}

/** A code block. */
export function codeBlock(text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1))
  return `${fence}text\n${neutralCode(text.toWellFormed())}\n${fence}`
}

/** Inline code of at most `max` characters, for a path or a command; `|` is escaped, so that it can stand in a table. */
export function inlineCode(text: string, max = 300): string {
  const flat = neutralCode(text).replaceAll(/\s+/g, ' ').trim().slice(0, max).toWellFormed().replaceAll('|', '\\|')
  const fence = '`'.repeat(longestRun(flat) + 1)
  const pad = flat.startsWith('`') || flat.endsWith('`') || flat === '' ? ' ' : ''
  return `${fence}${pad}${flat}${pad}${fence}`
}
