/**
 * What a crash, a lost queue or a lost wake-up left lying is found here, from the store alone. Every sweep is safe to run
 * at any moment, in several processes at once: what it adds to a queue has a deterministic id, what it applies has a key.
 */
import type { Logger } from 'pino'
import type { BudgetCeilings } from '../contract/budget.ts'
import type { JobId } from '../contract/ids.ts'
import type { JobSpec } from '../contract/job.ts'
import type { PriceTable } from '../gateway/prices.ts'
import { sweepCalls } from '../gateway/sweep-calls.ts'
import { listUnprocessed } from '../store/deliveries.ts'
import { forgotten, markEnqueued } from '../store/outbox.ts'
import type { Store } from '../store/store.ts'
import { type AdmissionLimits, admit } from './admission.ts'
import type { EngineQueue } from './announce.ts'
import type { Engine } from './engine.ts'
import { sweepBudgets } from './sweep-budgets.ts'
import { sweepJobs } from './sweep-jobs.ts'
import { fireDueTimers } from './timers.ts'

/** How many rows one sweep takes. */
const AT_ONCE = 500
/** An effect that was committed so long ago, in ms, and is in no queue was forgotten by a crash. */
const COMMITTED_GRACE_MS = 5_000
/** An effect that is in the queue so long, in ms, without being over was lost by the queue, or adding it again is harmless. */
const ENQUEUED_GRACE_MS = 60_000
/** A delivery stored so long ago, in ms, was not nudged. */
const DELIVERY_GRACE_MS = 5_000

export interface SweepOptions {
  store: Store
  engine: Engine
  queue: EngineQueue & {
    addDelivery(delivery: string): Promise<void>
    addJob(spec: JobSpec, turn: number): Promise<void>
    jobState(job: JobId): Promise<'waiting' | 'active' | 'absent'>
  }
  limits: AdmissionLimits
  /** A job that is in no queue for so long is put there again, and one whose runner is silent for so long is lost; in ms. */
  jobLostAfterMs: number
  /** What models cost, and what may be spent on them at most. */
  money: { prices: PriceTable; ceilings: BudgetCeilings }
  now(): number
  log: Logger
}

/** The sweeps by name; each gives how much it found. */
export interface Sweeps {
  outbox(): Promise<number>
  deliveries(): Promise<number>
  jobs(): Promise<number>
  timers(): Promise<number>
  admission(): Promise<number>
  money(): Promise<number>
}

export function createSweeps(options: SweepOptions): Sweeps {
  const { store, engine, queue, limits, money, now } = options
  const since = now()
  return {
    outbox: async () => {
      const at = now()
      const before = { committedBefore: at - COMMITTED_GRACE_MS, enqueuedBefore: at - ENQUEUED_GRACE_MS }
      const found = await forgotten(store.db, { ...before, limit: AT_ONCE })
      if (found.length === 0) return 0
      await queue.addEffects(found.map(({ id, runId }) => ({ effect: id, run: runId, delayMs: 0 })))
      await markEnqueued(
        store.db,
        found.map(({ id }) => id),
        at,
      )
      return found.length
    },
    deliveries: async () => {
      const found = await listUnprocessed(store.db, now() - DELIVERY_GRACE_MS, AT_ONCE)
      for (const id of found) await queue.addDelivery(id)
      return found.length
    },
    jobs: () => sweepJobs(options, since),
    timers: () => fireDueTimers(store, engine, now()),
    admission: () => admit(store, engine, limits),
    money: async () =>
      (await sweepCalls(store.db, money.prices, now())) + (await sweepBudgets(store.db, engine, money.ceilings, now())),
  }
}
