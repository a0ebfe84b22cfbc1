import type { RunId } from '../contract/ids.ts'
import type { Instant } from '../pipeline/model.ts'
import type { Tx } from './db.ts'
import { appliedEvents } from './tables/journal.ts'

/** True for the first who claims this event of this run; false ever after. Lock the run first, so that two cannot wait for each other. */
export async function claimEvent(tx: Tx, runId: RunId, key: string, at: Instant = Date.now()): Promise<boolean> {
  const claimed = await tx
    .insert(appliedEvents)
    .values({ runId, key, at })
    .onConflictDoNothing()
    .returning({ key: appliedEvents.key })
  return claimed.length === 1
}
