import { and, asc, eq, isNull, lte } from 'drizzle-orm'
import { RunId } from '../contract/ids.ts'
import type { Timer } from '../pipeline/effects.ts'
import type { Instant } from '../pipeline/model.ts'
import type { Db, Tx } from './db.ts'
import { timers } from './tables/timers.ts'

export interface DueTimer {
  runId: RunId
  id: string
  dueAt: Instant
}

/** Sets a timer, or moves one of the same id, also one that fired. */
export async function setTimer(tx: Tx, runId: RunId, { id, at }: Timer): Promise<void> {
  await tx
    .insert(timers)
    .values({ runId, id, dueAt: at })
    .onConflictDoUpdate({ target: [timers.runId, timers.id], set: { dueAt: at, firedAt: null } })
}

/** Timers that are due and did not fire, the longest overdue first. */
export async function dueTimers(db: Db, now: Instant, limit: number): Promise<DueTimer[]> {
  const found = await db
    .select({ runId: timers.runId, id: timers.id, dueAt: timers.dueAt })
    .from(timers)
    .where(and(isNull(timers.firedAt), lte(timers.dueAt, now)))
    .orderBy(asc(timers.dueAt))
    .limit(limit)
  return found.map((row) => ({ ...row, runId: RunId.parse(row.runId) }))
}

/** Takes a due timer: true for one caller only; false when it was moved, cancelled or fired meanwhile. */
export async function markFired(tx: Tx, { runId, id }: { runId: RunId; id: string }, now: Instant): Promise<boolean> {
  const fired = await tx
    .update(timers)
    .set({ firedAt: now })
    .where(and(eq(timers.runId, runId), eq(timers.id, id), isNull(timers.firedAt), lte(timers.dueAt, now)))
    .returning({ id: timers.id })
  return fired.length === 1
}

/** Forgets a run's timers. */
export async function cancelTimers(tx: Tx, runId: RunId): Promise<void> {
  await tx.delete(timers).where(eq(timers.runId, runId))
}
