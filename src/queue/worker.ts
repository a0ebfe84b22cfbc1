import { type ConnectionOptions, type IQueueBackend, type Job, Worker } from 'bullmq'
import { type QueueAccess, WORKER_OPTIONS } from '../contract/queue.ts'
import { type ConnectionLog, type QueueLog, tellError } from './connection-log.ts'

/** What a handler knows of the attempt it is. */
export interface Attempt {
  job: string
  /** From 1. */
  attempt: number
  /** No further attempt comes if this one throws. */
  last: boolean
  /** Aborted when the hold on the job was lost: somebody else may be doing it now. */
  signal: AbortSignal
}

export type Handler<T> = (data: T, attempt: Attempt) => Promise<void>

export interface RunningWorker {
  /** Resolves when it can take jobs. */
  ready(): Promise<void>
  /** Waits for the jobs that are being worked on; with `force` it does not. */
  close(force?: boolean): Promise<void>
}

export interface WorkerParts<T> {
  access: QueueAccess
  /** Checks what a job carries; throws when it is not that. */
  read: (data: unknown) => T
  handler: Handler<T>
  /** Jobs at the same time. */
  concurrency: number
  log: QueueLog
  told: ConnectionLog
}

/** Works on a queue until closed. A handler that throws is tried again, with growing pauses, as the job's options say. */
export function startWorker<T>(name: string, { access, read, handler, concurrency, log, told }: WorkerParts<T>): RunningWorker {
  // The third parameter must be declared: BullMQ makes a signal only for processors that take one.
  const process = async (
    job: Job<unknown, void>,
    _token: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> => {
    const attempt = job.attemptsMade + 1
    const last = attempt >= (job.opts.attempts ?? 1)
    await handler(read(job.data), { job: job.id ?? '', attempt, last, signal: signal ?? new AbortController().signal })
  }
  const worker = new Worker<unknown, void, string, IQueueBackend, ConnectionOptions>(
    name,
    process,
    { connection: access.connection, prefix: access.prefix, concurrency, ...WORKER_OPTIONS },
    access.factory,
  )
  worker.on('lockRenewalFailed', (jobs) => {
    for (const job of jobs) worker.cancelJob(job, 'The hold on this job was lost')
  })
  worker.on('failed', (job, error) =>
    log.warn({ job: job?.id, queue: name, attempt: job?.attemptsMade, err: error }, 'An attempt failed'),
  )
  worker.on('stalled', (job) => log.warn({ job, queue: name }, 'A job lost its worker and is taken up again'))
  worker.on('error', (error) => tellError(told, log, name, error))
  return {
    async ready() {
      await worker.waitUntilReady()
    },
    close: (force) => worker.close(force),
  }
}
