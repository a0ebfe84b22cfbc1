/** What app and runner must agree on about the queue, and what a runner is handed to work on it. */
import type { BackendFactory, ConnectionOptions, IQueueBackend } from 'bullmq'

/**
 * How long a worker's hold on a job lasts without renewal, in ms. With {@link STALLED_INTERVAL_MS} it bounds how long
 * after a `kill -9` another worker goes on: at most this plus two stall intervals, 14 s.
 */
export const LOCK_DURATION_MS = 8_000
/**
 * How often a hold is renewed, in ms: at the latest this long after the last time, so that an event loop may be blocked
 * for `LOCK_DURATION_MS - LOCK_RENEW_MS` (6 s) before the job is taken for lost.
 */
export const LOCK_RENEW_MS = 2_000
/** How often the workers look for jobs whose hold ran out, in ms. */
export const STALLED_INTERVAL_MS = 3_000
/** How long a worker waits after an error of its connection before it asks again, in ms. BullMQ's own is 15 s. */
export const RETRY_FETCH_MS = 1_000
/**
 * How often a job may lose its worker before BullMQ fails it. High: each loss is a crash of a process, not the job's
 * fault; what bounds a job that kills its workers is {@link CRASH_BUDGET}, counted in the store.
 */
export const MAX_STALLED = 20
/** How often a job may be started in all, retries included: a backstop behind the counts in the store. */
export const MAX_STARTED = 50
/**
 * How many runners one agent job may cost: with the next one that is lost while it has the job, the job fails as
 * `evicted`, and the infrastructure's budget of its step decides. A job that a stopping runner hands back costs none.
 */
export const CRASH_BUDGET = 1

/** BullMQ worker options that every worker uses, on every backend. */
export const WORKER_OPTIONS = {
  lockDuration: LOCK_DURATION_MS,
  lockRenewTime: LOCK_RENEW_MS,
  stalledInterval: STALLED_INTERVAL_MS,
  maxStalledCount: MAX_STALLED,
  maxStartedAttempts: MAX_STARTED,
  runRetryDelay: RETRY_FETCH_MS,
} as const

/**
 * What a runner in the app's process is handed for its `new Worker(JOBS_QUEUE, …, { connection, prefix, ...WORKER_OPTIONS },
 * factory)`. A runner in a process of its own makes one from `REDIS_URL`: an `ioredis` client with `maxRetriesPerRequest:
 * null` as `connection`, and BullMQ's `createRedisBackend` as `factory`.
 */
export interface QueueAccess {
  connection: ConnectionOptions
  prefix: string
  factory: BackendFactory<IQueueBackend, ConnectionOptions>
}
