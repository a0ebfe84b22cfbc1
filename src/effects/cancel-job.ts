import type { JobId } from '../contract/ids.ts'
import type { EffectHandler } from '../engine/effects.ts'
import { requestCancel } from '../store/jobs.ts'
import type { Store } from '../store/store.ts'

/**
 * Has a job stopped: one that waits leaves the queue, one that runs is told through its runner's control poll, and whether
 * it shall push what it has done first.
 */
export function cancelJob({
  store,
  removeJob,
}: {
  store: Store
  /** Takes a job that no runner has out of the queue; gone or taken already, nothing happens. */
  removeJob(id: JobId): Promise<void>
}): EffectHandler<'cancel-job'> {
  return async (effect) => {
    const state = await requestCancel(store.db, effect.job, effect)
    if (state !== 'cancelled') return null
    await removeJob(effect.job)
    // Nobody will bring a result of it. Only who still waits for it takes note: a step whose agent was to be told something.
    return { type: 'job.lost', job: effect.job, why: 'it was taken back before it began' }
  }
}
