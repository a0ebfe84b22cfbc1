import { and, asc, desc, eq, gt } from 'drizzle-orm'
import type { RunId } from '../contract/ids.ts'
import type { Fact } from '../pipeline/effects.ts'
import type { Instant } from '../pipeline/model.ts'
import type { Db, Tx } from './db.ts'
import { history } from './tables/journal.ts'

export type HistoryRow = typeof history.$inferSelect

/** `version` is the run's after the decision that these facts tell of. */
export async function appendHistory(tx: Tx, runId: RunId, version: number, at: Instant, facts: readonly Fact[]): Promise<void> {
  if (facts.length === 0) return
  await tx
    .insert(history)
    .values(facts.map(({ what, step, who, text }) => ({ runId, version, at, what, step: step ?? null, who, text })))
}

/** A run's history from its beginning, or after a row's id. */
export async function listHistory(
  db: Db,
  runId: RunId,
  { after = 0, limit }: { after?: number | undefined; limit: number },
): Promise<HistoryRow[]> {
  return db
    .select()
    .from(history)
    .where(and(eq(history.runId, runId), gt(history.id, after)))
    .orderBy(asc(history.id))
    .limit(limit)
}

/** The newest of a run's history, oldest of them first. */
export async function newestHistory(db: Db, runId: RunId, limit: number): Promise<HistoryRow[]> {
  const found = await db.select().from(history).where(eq(history.runId, runId)).orderBy(desc(history.id)).limit(limit)
  return found.reverse()
}
