/**
 * What to do with an effect while GitHub wants the run's installation to be left alone (FAIL-4): nothing. Its row stays,
 * no attempt is counted, the queue has it again for the end of the block, and the run's history says so once.
 */
import type { Instant, Run } from '../pipeline/model.ts'
import { claimEvent } from '../store/applied-events.ts'
import { appendHistory } from '../store/history.ts'
import { postpone } from '../store/outbox.ts'
import type { Store } from '../store/store.ts'
import type { EngineQueue } from './announce.ts'

/** How long to wait where a limit is told without its end, in ms. */
export const UNKNOWN_LIMIT_MS = 60_000

/** Since when and until when an installation is not to ask GitHub. */
export interface Blocked {
  since: Instant
  until: Instant
}

export interface PutBackParts {
  store: Store
  queue: Pick<EngineQueue, 'addEffects'>
  now(): Instant
}

/** Puts the effect back until the block is over; gives that moment. A crash in between leaves it to the sweep, a minute later. */
export async function putBack({ store, queue, now }: PutBackParts, run: Run, id: string, block: Blocked): Promise<Instant> {
  const { since, until } = block
  await store.db.transaction(async (tx) => {
    await postpone(tx, id, until)
    if (!(await claimEvent(tx, run.id, `blocked:${since}`, now()))) return
    const text = `GitHub's rate limit is used up; it goes on by itself at ${new Date(until).toISOString()}`
    await appendHistory(tx, run.id, run.version, now(), [{ what: 'run.blocked', who: 'switchyard', text }])
  })
  await queue.addEffects([{ effect: id, run: run.id, delayMs: 0, notBefore: until }])
  return until
}
