import type { BackendFactory, ConnectionOptions, IQueueBackend } from 'bullmq'
import type { ConnectionLog } from './connection-log.ts'

/** Where a queue lives: what BullMQ's classes are made with, and the life around them. */
export interface QueueBackend {
  kind: 'redis' | 'postgres' | 'pglite'
  /** For `new Queue(…)`: fails soon when the queue is down, so that a caller is not held up; sweeps add again. */
  producer: ConnectionOptions
  /** For `new Worker(…)`: waits until the queue is back. */
  consumer: ConnectionOptions
  factory: BackendFactory<IQueueBackend, ConnectionOptions>
  /** Where its lost connections are told. */
  told: ConnectionLog
  /** Throws when it does not answer. */
  ping(): Promise<void>
  close(): Promise<void>
}
