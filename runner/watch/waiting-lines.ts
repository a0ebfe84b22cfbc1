import type { LogLine } from '../../src/contract/progress.ts'
import type { Redactor } from '../../src/contract/redact.ts'

/** Longest text of one log line, in characters; the contract's bound. */
const LINE_MAX = 8_000
/** Most log lines in one message; the contract's bound. */
const LINES_PER_MESSAGE = 500
/** Most log lines that wait to be sent. */
const LINES_WAITING = 5_000
/** Most text that waits to be sent, in characters: what waits is memory, and an agent may write 100 MB in a second. */
const CHARS_WAITING = 2 * 1024 * 1024

/** The lines of a log that wait to be sent. Where there are too many the oldest go; a gap in the numbers tells. */
export interface WaitingLines {
  /** @param at in ms since the epoch */
  add(kind: LogLine['kind'], text: string, at: number): void
  /** The oldest, as many as a message takes: redacted, and then cut. */
  take(): LogLine[]
  /** Puts back what was taken and could not be sent. */
  putBack(lines: readonly LogLine[]): void
  readonly length: number
}

interface Waiting {
  readonly seq: number
  readonly at: number
  readonly kind: LogLine['kind']
  readonly text: string
}

/** Lines are redacted when they are taken and not when they come: most of a long stream is never sent. */
export function waitingLines(redactor: Redactor): WaitingLines {
  const waiting: Waiting[] = []
  let seq = 0
  let chars = 0
  function trim(): void {
    while (waiting.length > LINES_WAITING || (chars > CHARS_WAITING && waiting.length > 1)) {
      chars -= waiting.shift()?.text.length ?? 0
    }
  }
  return {
    add(kind, text, at) {
      waiting.push({ seq, at, kind, text })
      seq += 1
      chars += text.length
      trim()
    },
    take() {
      const taken = waiting.splice(0, LINES_PER_MESSAGE)
      for (const { text } of taken) chars -= text.length
      return taken.map(({ text, at, ...line }) => ({
        ...line,
        at: new Date(at).toISOString(),
        text: redactor.redact(text).slice(0, LINE_MAX),
      }))
    },
    putBack(lines) {
      waiting.unshift(...lines.map((line) => ({ ...line, at: Date.parse(line.at) })))
      for (const { text } of lines) chars += text.length
      trim()
    },
    get length() {
      return waiting.length
    },
  }
}
