import type { Logger } from 'pino'

export type QueueLog = Pick<Logger, 'info' | 'warn' | 'error'>

/** Tells of a connection once when it is lost and once when it is back, however often the client says so. */
export interface ConnectionLog {
  lost(error: unknown): void
  back(): void
  isDown(): boolean
}

/** What Node calls the ways in which a connection fails. */
const NETWORK_CODES = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
])

export function connectionLog(log: QueueLog, kind: string): ConnectionLog {
  let down = false
  return {
    lost(error) {
      if (down) return
      down = true
      log.warn({ err: error, kind }, 'The queue cannot be reached; trying again')
    },
    back() {
      if (!down) return
      down = false
      log.info({ kind }, 'The queue is back')
    },
    isDown: () => down,
  }
}

/** Tells an error of a queue or a worker; while the connection is lost, every error is of that. */
export function tellError(told: ConnectionLog, log: QueueLog, queue: string, error: Error): void {
  const ofConnection = 'code' in error && typeof error.code === 'string' && NETWORK_CODES.has(error.code)
  if (ofConnection || told.isDown()) told.lost(error)
  else log.warn({ err: error, queue }, 'A queue or its worker had an error')
}
