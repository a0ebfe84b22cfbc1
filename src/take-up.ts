/**
 * What the last process left, taken up at once. The queue would bring most of it back too, but only when the dead
 * process's hold on it has run out, and nobody should wait for that. Done twice, by us and by the queue or by another app,
 * it ends the same: a delivery's events have keys, an effect is done under a lease and looks before it creates.
 */
import pLimit from 'p-limit'
import type { Logger } from 'pino'
import type { EffectRunner } from './engine/effects.ts'
import type { Sweeps } from './engine/sweeps.ts'
import { listUnprocessed } from './store/deliveries.ts'
import { forgotten } from './store/outbox.ts'
import type { Store } from './store/store.ts'

/** How many deliveries and effects are taken up so; the sweeps find the rest. */
const AT_MOST = 500
/** How many at the same time. */
const AT_ONCE = 8

export interface TakeUpOptions {
  store: Store
  sweeps: Sweeps
  effects: EffectRunner
  /** Processes a stored delivery. */
  process(delivery: string): Promise<void>
  /** Has GitHub deliver again what it could not deliver; gives how many. */
  redeliverMissed(): Promise<number>
  /** Compares the live runs with GitHub; gives how many differed. */
  reconcile(): Promise<number>
  now(): number
  log: Logger
}

/** Takes up everything; what fails is logged, and stays for the queue and the sweeps. Never throws. */
export async function takeUp(options: TakeUpOptions): Promise<void> {
  const { store, sweeps, effects, process, redeliverMissed, reconcile, now, log } = options
  const attempt = async (what: string, act: () => Promise<unknown>) => {
    try {
      await act()
    } catch (error) {
      log.warn({ err: error, what }, 'Not taken up at the start; a sweep will')
    }
  }
  await attempt('timers', sweeps.timers)
  await attempt('admission', sweeps.admission)
  await attempt('deliveries', async () => {
    for (const id of await listUnprocessed(store.db, now() + 1, AT_MOST)) await attempt(`delivery ${id}`, () => process(id))
  })
  await attempt('effects', async () => {
    const pending = await forgotten(store.db, { committedBefore: now() + 1, enqueuedBefore: now() + 1, limit: AT_MOST })
    if (pending.length > 0) log.info({ effects: pending.length }, 'Taking up what the last process left')
    const limit = pLimit(AT_ONCE)
    await Promise.all(pending.map(({ id }) => limit(() => attempt(`effect ${id}`, () => effects.run(id)))))
  })
  await attempt('missed deliveries', async () => {
    const missed = await redeliverMissed()
    if (missed > 0) log.info({ missed }, 'Missed deliveries asked for again')
  }) // After what was missed: who did what is known from the deliveries only.
  await attempt('comparison with GitHub', reconcile)
}
