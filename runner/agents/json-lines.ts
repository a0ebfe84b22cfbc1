/** Longest line that is read, in bytes; what is longer is skipped and counted. */
export const MAX_LINE_BYTES = 1024 * 1024

const INITIAL_BUFFER_BYTES = 8 * 1024
const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d

/** A line without its end, or the size of one that was too long to be read. */
export type Line = { kind: 'line'; text: string } | { kind: 'too-long'; bytes: number }

export interface LineReader {
  push(chunk: Buffer): Line[]
  /** After the last byte: the unfinished last line, if there is one. */
  end(): Line[]
}

/**
 * Cuts a stream of bytes into lines. It holds at most one line of `maxBytes`, however long a line or the stream is, and
 * decodes whole lines only, so that a character split between two chunks comes out right.
 */
export function lineReader(maxBytes: number = MAX_LINE_BYTES): LineReader {
  let held = Buffer.alloc(Math.min(INITIAL_BUFFER_BYTES, maxBytes))
  let length = 0
  /** Bytes of the current line that were thrown away, because it is too long. */
  let skipped = 0

  function hold(part: Buffer): void {
    if (skipped > 0 || length + part.length > maxBytes) {
      skipped += length + part.length
      length = 0
      return
    }
    if (length + part.length > held.length) {
      const larger = Buffer.alloc(Math.min(maxBytes, Math.max(length + part.length, held.length * 2)))
      held.copy(larger, 0, 0, length)
      held = larger
    }
    part.copy(held, length)
    length += part.length
  }

  function finish(): Line {
    if (skipped > 0) {
      const line: Line = { kind: 'too-long', bytes: skipped }
      skipped = 0
      return line
    }
    const line = lineIn(held, 0, length)
    length = 0
    return line
  }

  return {
    push(chunk) {
      const lines: Line[] = []
      let from = 0
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
        if (length === 0 && skipped === 0 && at - from <= maxBytes) lines.push(lineIn(chunk, from, at))
        else {
          hold(chunk.subarray(from, at))
          lines.push(finish())
        }
        from = at + 1
      }
      if (from < chunk.length) hold(chunk.subarray(from))
      return lines
    },
    end() {
      return length > 0 || skipped > 0 ? [finish()] : []
    },
  }
}

function lineIn(bytes: Buffer, from: number, to: number): Line {
  const end = to > from && bytes[to - 1] === CARRIAGE_RETURN ? to - 1 : to
  return { kind: 'line', text: bytes.toString('utf8', from, end) }
}

/** The value of a line of JSON, or undefined when the line is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
