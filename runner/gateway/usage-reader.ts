import { StringDecoder } from 'node:string_decoder'
import { createParser } from 'eventsource-parser'
import type { CallUsage } from '../../src/contract/model-call.ts'
import { charactersOf } from './characters.ts'
import type { Wire } from './wire.ts'

/** Largest answer that is not streamed of which the usage is read, in bytes. */
const WHOLE_MAX_BYTES = 33_554_432
/** Longest event of a stream that is looked at, in characters. */
const EVENT_MAX_CHARS = 4_194_304

/** Characters of text or code that make a token, about. */
const CHARACTERS_PER_TOKEN = 4

/** Reads what was used from an answer as it passes by. */
export interface UsageReader {
  /** The answer comes piece by piece; else it is there as a whole, or not at all. */
  readonly streamed: boolean
  push(chunk: Buffer): void
  /** What is known so far. */
  usage(): CallUsage
  /** Tokens that were written at least about so far, by the text that came through: a vendor tells the number at the end. */
  written(): number
}

/** A reader for one answer; a stream is told by its content type. */
export function usageReader(wire: Pick<Wire, 'usage'>, contentType: string): UsageReader {
  const streamed = contentType.includes('text/event-stream')
  let known: CallUsage = {}
  let bytes = 0
  let characters = 0
  const tell = (text: string): void => {
    const event = parsed(text)
    if (event === undefined) return
    known = wire.usage(known, event)
    if (streamed) characters += charactersOf(event)
  }
  const decoder = new StringDecoder('utf8')
  let readable = true
  const parser = createParser({
    maxBufferSize: EVENT_MAX_CHARS,
    onEvent: ({ data }) => tell(data),
    onError({ type }) {
      // The rest is passed on unread; what is known so far stays.
      if (type === 'max-buffer-size-exceeded') readable = false
    },
  })
  let whole = ''
  const feed = (text: string): void => {
    if (readable) parser.feed(text)
  }
  return {
    streamed,
    push(chunk) {
      bytes += chunk.length
      const text = decoder.write(chunk)
      if (streamed) feed(text)
      else if (bytes <= WHOLE_MAX_BYTES) whole += text
    },
    usage() {
      if (!streamed && whole !== '') tell(whole)
      return known
    },
    written: () => Math.max(known.outputTokens ?? 0, Math.floor(characters / CHARACTERS_PER_TOKEN)),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The end mark of a chat (`[DONE]`), or a torn answer.
    return undefined
  }
}
