/**
 * Answers by quoting (STP-4): a quote of a question of ours, and below it what somebody says to it. GitHub's "Quote reply"
 * writes such comments. Where it is not clear what is quoted, or where the answer begins, nothing is read into it.
 */
import { COMMANDS_MAX, isCommand, type ParsedCommand } from './parse.ts'
import { type Line, proseLines } from './prose-lines.ts'

/** How the questions comment begins a question's line, in what is left of it within quote and list. */
const QUESTION = /^(?:\[[ xX]\] +)?\*\*(Q\d{1,3})\*\*(?=\W|$)/
const QUOTE_MARK = /^ {0,3}>/

/** A stretch of quote, up to before `end`, and the open questions that begin in it. */
interface Quote {
  start: number
  end: number
  ids: string[]
}

/**
 * The answers in a comment to the questions that are open, in order. What stands below a command belongs to the command.
 * Never throws; a comment that quotes no open question gives none.
 */
export function quotedAnswers(markdown: string, open: readonly string[], prefix: string): ParsedCommand[] {
  if (!markdown.includes('>') || !open.some((id) => markdown.includes(`**${id}**`))) return []
  const all = proseLines(markdown)
  const command = all.findIndex((line) => isCommand(line, prefix))
  const lines = command === -1 ? all : all.slice(0, command)
  const quotes = quotesIn(lines, open)
  return quotes
    .flatMap(({ end, ids }, place) => {
      const below = lines.slice(end, quotes[place + 1]?.start ?? lines.length)
      const text = below
        .map((line) => line.text)
        .join('\n')
        .trim()
      return text === '' ? [] : [{ ids, text }]
    })
    .slice(0, COMMANDS_MAX)
    .map(({ ids, text }, index): ParsedCommand => {
      const written = `> ${ids.join(', ')}`
      const [id, ...others] = ids
      return id === undefined || others.length > 0
        ? { ok: false, index, written, error: { kind: 'several-questions', ids } }
        : { ok: true, index, written, command: { verb: 'answer', id, text } }
    })
}

/** The quotes that hold open questions; other quotes are part of what is said. */
function quotesIn(lines: readonly Line[], open: readonly string[]): Quote[] {
  const quotes: Quote[] = []
  let index = 0
  while (index < lines.length) {
    if (lines[index]?.quoted == null) {
      index += 1
      continue
    }
    const start = index
    const ids = new Set<string>()
    // A line right below a quote belongs to it until an empty line.
    for (; index < lines.length && isOfQuote(lines, index); index += 1) {
      const id = QUESTION.exec(lines[index]?.quoted ?? '')?.[1]
      if (id !== undefined && open.includes(id)) ids.add(id)
    }
    if (ids.size > 0) quotes.push({ start, end: index, ids: [...ids] })
  }
  return quotes
}

function isOfQuote(lines: readonly Line[], index: number): boolean {
  const { text = '', quoted = null } = lines[index] ?? {}
  return quoted !== null || QUOTE_MARK.test(text) || text.trim() !== ''
}
