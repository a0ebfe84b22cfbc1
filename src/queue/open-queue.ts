/**
 * The queues: they carry work and wake us, they hold no truth. Everything added is also a row in the store, and sweeps
 * add again what got lost. So jobs are removed as soon as they are over, done or failed: what became of them is in the
 * store, and one that stayed here would stand in the way of the same id being added again.
 */
import { type ConnectionOptions, type IQueueBackend, type JobsOptions, Queue } from 'bullmq'
import { z } from 'zod'
import { JOBS_QUEUE } from '../contract/api.ts'
import { type JobId, RunId } from '../contract/ids.ts'
import { JobSpec } from '../contract/job.ts'
import type { QueueAccess } from '../contract/queue.ts'
import { Instant } from '../pipeline/model.ts'
import type { Store } from '../store/store.ts'
import type { QueueBackend } from './backend.ts'
import { type QueueLog, tellError } from './connection-log.ts'
import {
  ADMISSION_SWEEP,
  DELIVERIES_QUEUE,
  deliveryJobId,
  EFFECTS_QUEUE,
  effectJobId,
  timerJobId,
  WAKE_QUEUE,
} from './names.ts'
import { pgliteBackend, postgresBackend } from './postgres-backend.ts'
import { redisBackend } from './redis-backend.ts'
import { type Handler, type RunningWorker, startWorker } from './worker.ts'

/** Attempts at interpreting a delivery or carrying out an effect. */
export const ATTEMPTS = 10
/** Pause before the second attempt, in ms; it doubles with each: ten attempts take about eight and a half minutes. */
export const FIRST_RETRY_MS = 1_000
/** BullMQ's last place; who comes after it goes by age. */
const MAX_TURN = 2_097_152

export const DeliveryJob = z.object({ delivery: z.string() })
export type DeliveryJob = z.infer<typeof DeliveryJob>
export const EffectJob = z.object({ effect: z.string(), run: RunId })
export type EffectJob = z.infer<typeof EffectJob>
export const WakeJob = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('timer'), runId: RunId, id: z.string(), dueAt: Instant }),
  z.object({ kind: z.literal('sweep'), name: z.string() }),
])
export type WakeJob = z.infer<typeof WakeJob>

interface CarriedBy {
  [DELIVERIES_QUEUE]: DeliveryJob
  [EFFECTS_QUEUE]: EffectJob
  [WAKE_QUEUE]: WakeJob
  [JOBS_QUEUE]: JobSpec
}
export type QueueName = keyof CarriedBy
/** What a queue carries. */
export type Carried<Q extends QueueName> = CarriedBy[Q]

const READ: { [Q in QueueName]: (data: unknown) => Carried<Q> } = {
  [DELIVERIES_QUEUE]: (data) => DeliveryJob.parse(data),
  [EFFECTS_QUEUE]: (data) => EffectJob.parse(data),
  [WAKE_QUEUE]: (data) => WakeJob.parse(data),
  [JOBS_QUEUE]: (data) => JobSpec.parse(data),
}

/** Where a job is in the queue; `absent` once it is over, or if it was lost. */
export type QueuedState = 'waiting' | 'active' | 'absent'
export interface Depth {
  waiting: number
  active: number
  delayed: number
}

export interface Queues {
  kind: QueueBackend['kind']
  /** What a runner in this process needs for its worker. */
  access: QueueAccess
  /** `notBefore`: put back, for that moment, while the job that was there may still be worked on. */
  addDelivery(delivery: string, notBefore?: Instant): Promise<void>
  /** The same for many, to be worked on at once. */
  addDeliveries(deliveries: readonly string[]): Promise<void>
  /** `delayMs`: how long each waits before it is carried out; `notBefore` as with deliveries. */
  addEffects(effects: readonly (EffectJob & { delayMs?: number; notBefore?: Instant })[]): Promise<void>
  /** Wakes us at the timers' times; adding a moved timer again is right, the earlier waking finds nothing due. */
  addTimers(timers: readonly { runId: RunId; id: string; at: Instant }[]): Promise<void>
  /** Runs a sweep soon: several nudges become one, and one during the sweep becomes one more after it. */
  nudge(sweep: string): Promise<void>
  /** Runs the sweep `admission` soon: a place may have become free, or somebody waits for one. */
  nudgeAdmission(): Promise<void>
  /** `turn`: its place among the waiting, from 1; of two with the same the older goes first. */
  addJob(spec: JobSpec, turn: number): Promise<void>
  /** Takes a job out of the queue unless somebody works on it. */
  removeJob(job: JobId): Promise<void>
  jobState(job: JobId): Promise<QueuedState>
  /** Sets the sweeps, by name and interval in ms, and forgets any other that was set before. */
  setSweeps(sweeps: Readonly<Record<string, number>>): Promise<void>
  createWorker<Q extends QueueName>(queue: Q, handler: Handler<Carried<Q>>, options: { concurrency: number }): RunningWorker
  depth(queue: QueueName): Promise<Depth>
  /** Throws when the queue does not answer. */
  ping(): Promise<void>
  /** Closes the workers that were created here (waiting for their jobs, unless forced), then the connections. */
  close(force?: boolean): Promise<void>
}

export interface QueueOptions {
  /** `REDIS_URL`. Absent: the queue lives in the store's database. */
  redisUrl?: string | undefined
  store: Store
  /** Keeps several Switchyards on one Redis or database apart. */
  prefix: string
  /** Pause before the second attempt, in ms, for tests. */
  firstRetryMs?: number
  log: QueueLog
}

type AnyQueue = Queue<unknown, void, string, unknown, void, string, IQueueBackend>

/**
 * Opens the queues, on Redis or in the store's database.
 *
 * @throws SwitchyardError `config`, in words for whoever started the program.
 */
export async function openQueues({
  redisUrl,
  store,
  prefix,
  firstRetryMs = FIRST_RETRY_MS,
  log,
}: QueueOptions): Promise<Queues> {
  const backend = await openBackend(redisUrl, store, prefix, log)
  const access: QueueAccess = { connection: backend.consumer, prefix, factory: backend.factory }
  const open = (name: QueueName): AnyQueue => openQueue(name, backend, prefix, log)
  const deliveries = open(DELIVERIES_QUEUE)
  const effects = open(EFFECTS_QUEUE)
  const wake = open(WAKE_QUEUE)
  const jobs = open(JOBS_QUEUE)
  const all: Record<QueueName, AnyQueue> = { deliveries, effects, wake, jobs }
  const workers = new Set<RunningWorker>()
  const retried: JobsOptions = { attempts: ATTEMPTS, backoff: { type: 'exponential', delay: firstRetryMs } }

  return {
    kind: backend.kind,
    access,
    async addDelivery(delivery, notBefore) {
      const opts = { jobId: deliveryJobId(delivery, notBefore), delay: delayUntil(notBefore, 0), ...retried }
      await deliveries.add('delivery', { delivery }, opts)
    },
    async addDeliveries(list) {
      await deliveries.addBulk(
        list.map((delivery) => ({
          name: 'delivery',
          data: { delivery },
          opts: { jobId: deliveryJobId(delivery), ...retried },
        })),
      )
    },
    async addEffects(list) {
      await effects.addBulk(
        list.map(({ effect, run, delayMs = 0, notBefore }) => ({
          name: 'effect',
          data: { effect, run },
          opts: { jobId: effectJobId(effect, notBefore), delay: delayUntil(notBefore, delayMs), ...retried },
        })),
      )
    },
    async addTimers(list) {
      const now = Date.now()
      await wake.addBulk(list.map((timer) => timerJob(timer, now, retried)))
    },
    nudge: (sweep) => nudge(wake, sweep),
    nudgeAdmission: () => nudge(wake, ADMISSION_SWEEP),
    async addJob(spec, turn) {
      await jobs.add('job', spec, { jobId: spec.id, priority: Math.min(turn, MAX_TURN) })
    },
    async removeJob(id) {
      // Gives 0 where a worker has it: that one is told through the store.
      await jobs.remove(id)
    },
    jobState: (id) => stateOf(jobs, id),
    setSweeps: (sweeps) => setSweeps(wake, sweeps),
    createWorker(queue, handler, { concurrency }) {
      const worker = startWorker(queue, { access, read: READ[queue], handler, concurrency, log, told: backend.told })
      workers.add(worker)
      return worker
    },
    async depth(queue) {
      const counts = await all[queue].getJobCounts('waiting', 'prioritized', 'active', 'delayed')
      const { waiting = 0, prioritized = 0, active = 0, delayed = 0 } = counts
      return { waiting: waiting + prioritized, active, delayed }
    },
    ping: backend.ping,
    async close(force = false) {
      await Promise.all([...workers].map((worker) => worker.close(force)))
      await Promise.all(Object.values(all).map((queue) => queue.close()))
      await backend.close()
    },
  }
}

function delayUntil(notBefore: Instant | undefined, delayMs: number): number {
  return notBefore === undefined ? delayMs : Math.max(0, notBefore - Date.now())
}

async function openBackend(redisUrl: string | undefined, store: Store, prefix: string, log: QueueLog): Promise<QueueBackend> {
  if (redisUrl !== undefined) return redisBackend(redisUrl, log)
  return store.kind === 'postgres' ? postgresBackend(store, prefix, log) : pgliteBackend(store, prefix, log)
}

function openQueue(name: QueueName, backend: QueueBackend, prefix: string, log: QueueLog): AnyQueue {
  const options = {
    connection: backend.producer,
    prefix,
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
  }
  const queue = new Queue<unknown, void, string, unknown, void, string, IQueueBackend, ConnectionOptions>(
    name,
    options,
    backend.factory,
  )
  queue.on('error', (error) => tellError(backend.told, log, name, error))
  return queue
}

async function stateOf(queue: AnyQueue, id: string): Promise<QueuedState> {
  switch (await queue.getJobState(id)) {
    case 'active':
      return 'active'
    case 'waiting':
    case 'prioritized':
    case 'delayed':
    case 'waiting-children':
      return 'waiting'
    case 'completed':
    case 'failed':
    case 'unknown':
      return 'absent'
  }
}

function timerJob({ runId, id, at }: { runId: RunId; id: string; at: Instant }, now: Instant, options: JobsOptions) {
  const data: WakeJob = { kind: 'timer', runId, id, dueAt: at }
  return { name: 'timer', data, opts: { jobId: timerJobId(runId, id, at), delay: Math.max(0, at - now), ...options } }
}

async function nudge(wake: AnyQueue, sweep: string): Promise<void> {
  const data: WakeJob = { kind: 'sweep', name: sweep }
  await wake.add('nudge', data, { deduplication: { id: `nudge-${sweep}`, keepLastIfActive: true } })
}

async function setSweeps(wake: AnyQueue, sweeps: Readonly<Record<string, number>>): Promise<void> {
  const known = await wake.getJobSchedulers()
  for (const { key } of known) {
    if (sweeps[key] === undefined) await wake.removeJobScheduler(key)
  }
  for (const [name, every] of Object.entries(sweeps)) {
    const data: WakeJob = { kind: 'sweep', name }
    await wake.upsertJobScheduler(
      name,
      { every },
      { name: 'sweep', data, opts: { removeOnComplete: true, removeOnFail: true } },
    )
  }
}
