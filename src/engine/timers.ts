import { crashPoint } from '../contract/crash-point.ts'
import type { RunId } from '../contract/ids.ts'
import type { Instant } from '../pipeline/model.ts'
import type { Store } from '../store/store.ts'
import { dueTimers, markFired } from '../store/timers.ts'
import type { Engine } from './engine.ts'

/** How many due timers one sweep takes. */
const TIMERS_AT_ONCE = 200

/** Fires a timer that is due: the event and the mark go into one transaction, so that it fires once. */
export async function fireTimer(
  _store: Store,
  engine: Engine,
  timer: { runId: RunId; id: string; dueAt: Instant },
): Promise<void> {
  await engine.apply(timer.runId, `timer:${timer.id}:${timer.dueAt}`, { type: 'timer.fired', timer: timer.id }, async (tx) => {
    await markFired(tx, timer, timer.dueAt)
  })
  crashPoint('timer-fired')
}

/** Fires every timer that is due; gives how many. */
export async function fireDueTimers(store: Store, engine: Engine, now: Instant): Promise<number> {
  const due = await dueTimers(store.db, now, TIMERS_AT_ONCE)
  for (const timer of due) await fireTimer(store, engine, timer)
  return due.length
}
