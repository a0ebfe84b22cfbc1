import { Writable } from 'node:stream'
import pino, { type Logger } from 'pino'

/** The app's and the runner's log, kept for the error message of a test that waits in vain. */
export interface AppLog {
  logger: Logger
  /** The last lines. */
  last(count: number): string[]
}

export function createAppLog(): AppLog {
  const lines: string[] = []
  const keep = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString('utf8').trimEnd())
      done()
    },
  })
  return { logger: pino({ level: 'info', base: null }, keep), last: (count) => lines.slice(-count) }
}
