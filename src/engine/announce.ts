/** After the commit: what was decided goes into the queues, and whoever waits for a place hears of one. */
import type { Logger } from 'pino'
import { crashPoint } from '../contract/crash-point.ts'
import type { RunId } from '../contract/ids.ts'
import type { Effect, Timer } from '../pipeline/effects.ts'
import type { Instant, Run } from '../pipeline/model.ts'
import { isLive } from '../pipeline/state.ts'
import { markEnqueued } from '../store/outbox.ts'
import type { Store } from '../store/store.ts'
import { together } from '../store/together.ts'

/** Decisions whose effects are marked as enqueued in one statement. */
const MARKED_TOGETHER = 100

/** What the engine needs of the queues: to wake its workers up. Truth is in the store, so a lost wake-up is only late. */
export interface EngineQueue {
  /** `notBefore`: put there once more, for that moment, whatever the queue has of it at this one. */
  addEffects(effects: readonly { effect: string; run: RunId; delayMs: number; notBefore?: Instant }[]): Promise<void>
  addTimers(timers: readonly { runId: RunId; id: string; at: Instant }[]): Promise<void>
  /** A place may have become free, or somebody waits for one. */
  nudgeAdmission(): Promise<void>
}

/** A decision that was committed and waits to be announced to the queues. */
export interface Committed {
  before: Run | null
  run: Run
  effects: readonly Effect[]
  timers: readonly Timer[]
}

export interface AnnounceOptions {
  store: Store
  queue: EngineQueue
  now: () => Instant
  log: Logger
  /** How long what is shown on GitHub may lag, in ms: changes within it cost one edit. */
  showDelayMs: number
}

/** Makes the function that announces; it never throws. */
export function createAnnounce({
  queue,
  store,
  now,
  log,
  showDelayMs,
}: AnnounceOptions): (committed: Committed) => Promise<void> {
  const mark = together({ atMost: MARKED_TOGETHER }, async (lots: readonly (readonly string[])[]) => {
    await markEnqueued(store.db, lots.flat(), now())
    return lots.map(() => undefined)
  })
  return async ({ before, run, effects, timers }) => {
    try {
      await queue.addEffects(
        effects.map((effect) => ({ effect: effect.id, run: run.id, delayMs: delayOf(effect, showDelayMs) })),
      )
      crashPoint('outbox-enqueued')
      if (effects.length > 0) await mark(effects.map(({ id }) => id))
      if (timers.length > 0) await queue.addTimers(timers.map((timer) => ({ runId: run.id, ...timer })))
      if (before === null || isLive(before) !== isLive(run)) await queue.nudgeAdmission()
    } catch (error) {
      // What was committed is not lost: the sweep finds effects that are not enqueued and timers that are due.
      log.warn({ err: error, run: run.id }, 'Queue not reachable after a commit; the sweep will enqueue')
    }
  }
}

/** How long an effect waits before it is carried out, in ms. */
function delayOf(effect: Effect, showDelayMs: number): number {
  if (effect.kind === 'show') return showDelayMs
  return effect.kind === 'ask-checks' || effect.kind === 'ask-reviews' ? effect.delayMs : 0
}
