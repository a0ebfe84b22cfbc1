import { and, asc, eq } from 'drizzle-orm'
import type { RunId } from '../contract/ids.ts'
import type { Instant } from '../pipeline/model.ts'
import type { Db } from './db.ts'
import { projections } from './tables/github.ts'

export type Projection = typeof projections.$inferSelect

export async function getProjection(db: Db, runId: RunId, key: string): Promise<Projection | null> {
  const [found] = await db
    .select()
    .from(projections)
    .where(and(eq(projections.runId, runId), eq(projections.key, key)))
  return found ?? null
}

/** Notes what GitHub confirmed that it shows; `digest` is over what was sent, so that the same is not sent again. */
export async function putProjection(
  db: Db,
  runId: RunId,
  key: string,
  { externalId, digest }: { externalId: string | null; digest: string },
  at: Instant = Date.now(),
): Promise<void> {
  const shown = { externalId, digest, at }
  await db
    .insert(projections)
    .values({ runId, key, ...shown })
    .onConflictDoUpdate({ target: [projections.runId, projections.key], set: shown })
}

export async function listProjections(db: Db, runId: RunId): Promise<Projection[]> {
  return db.select().from(projections).where(eq(projections.runId, runId)).orderBy(asc(projections.key))
}
