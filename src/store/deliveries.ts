import { and, asc, desc, eq, gt, isNull, lt, notInArray, or, sql } from 'drizzle-orm'
import type { Instant } from '../pipeline/model.ts'
import type { Db } from './db.ts'
import { deliveries } from './tables/deliveries.ts'
import { githubBlocks } from './tables/github.ts'

export type Delivery = typeof deliveries.$inferSelect
export type DeliveryState = Delivery['state']
/** A delivery as it arrives. `payload` is GitHub's JSON, read by the interpreter's own schemas. */
export type NewDelivery = Pick<
  Delivery,
  'id' | 'event' | 'action' | 'installationId' | 'repositoryId' | 'payload' | 'receivedAt'
>
/** A delivery without its payload, for lists. */
export type DeliveryRow = Omit<Delivery, 'payload'>

export async function getDelivery(db: Db, id: string): Promise<Delivery | null> {
  const [found] = await db.select().from(deliveries).where(eq(deliveries.id, id))
  return found ?? null
}

/**
 * Says how interpreting it went; counts the attempt. `stored` with an error keeps it for another attempt.
 */
export async function markDelivery(
  db: Db,
  id: string,
  state: DeliveryState,
  error: string | null = null,
  at: Instant = Date.now(),
) {
  await db
    .update(deliveries)
    .set({ state, error, processedAt: state === 'stored' ? null : at, attempts: sql`${deliveries.attempts} + 1` })
    .where(eq(deliveries.id, id))
}

/**
 * Ids of deliveries received before `olderThan` that nobody interpreted yet, oldest first, but for those of installations
 * that GitHub wants to be left alone by: they are put back for the end of that.
 */
export async function listUnprocessed(db: Db, olderThan: Instant, limit: number, now: Instant = Date.now()): Promise<string[]> {
  const held = db.select({ id: githubBlocks.installationId }).from(githubBlocks).where(gt(githubBlocks.until, now))
  const found = await db
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(
      and(
        eq(deliveries.state, 'stored'),
        lt(deliveries.receivedAt, olderThan),
        or(isNull(deliveries.installationId), notInArray(deliveries.installationId, held)),
      ),
    )
    .orderBy(asc(deliveries.receivedAt))
    .limit(limit)
  return found.map(({ id }) => id)
}

/** Deliveries, newest first; `before` is the last row of the page before. */
export async function listDeliveries(
  db: Db,
  { limit, before }: { limit: number; before?: { receivedAt: Instant; id: string } | undefined },
): Promise<DeliveryRow[]> {
  return db
    .select(withoutPayload)
    .from(deliveries)
    .where(before && sql`(${deliveries.receivedAt}, ${deliveries.id}) < (${before.receivedAt}::bigint, ${before.id})`)
    .orderBy(desc(deliveries.receivedAt), desc(deliveries.id))
    .limit(limit)
}

const withoutPayload = {
  id: deliveries.id,
  event: deliveries.event,
  action: deliveries.action,
  installationId: deliveries.installationId,
  repositoryId: deliveries.repositoryId,
  receivedAt: deliveries.receivedAt,
  state: deliveries.state,
  attempts: deliveries.attempts,
  error: deliveries.error,
  processedAt: deliveries.processedAt,
}
