/**
 * Calls whose end nobody told: their runner died, or was cut off. They are closed as broken off, and charged what was kept
 * free for them: the vendor may have worked to the end, and a budget must never count less than was spent. It is marked as
 * an estimate. What a late runner tells afterwards changes nothing.
 */
import { and, asc, eq, lt, ne, or, sql } from 'drizzle-orm'
import type { Instant } from '../pipeline/model.ts'
import type { Db } from '../store/db.ts'
import { jobs } from '../store/tables/jobs.ts'
import { modelCalls } from '../store/tables/model-calls.ts'
import { endCall } from './end-call.ts'
import { type PriceTable, priceOf } from './prices.ts'

/** So long, in ms, a gateway that closes has to tell what its last calls used. */
const GRACE_MS = 60_000
/** How many one sweep closes. */
const AT_ONCE = 500

/** Closes open calls of jobs that are over, or that another start has. Gives how many. */
export async function sweepCalls(db: Db, prices: PriceTable, now: Instant): Promise<number> {
  const gone = or(sql`${jobs.id} is null`, ne(jobs.state, 'running'), ne(jobs.start, modelCalls.start))
  const quiet = sql`coalesce(${jobs.endedAt}, ${jobs.heartbeatAt}, 0) < ${now - GRACE_MS}`
  const found = await db
    .select({ id: modelCalls.id, model: modelCalls.model, reservedUsd: modelCalls.reservedUsd })
    .from(modelCalls)
    .leftJoin(jobs, eq(jobs.id, modelCalls.jobId))
    .where(
      and(
        eq(modelCalls.state, 'open'),
        lt(modelCalls.startedAt, now - GRACE_MS),
        gone,
        or(ne(jobs.start, modelCalls.start), quiet),
      ),
    )
    .orderBy(asc(modelCalls.startedAt))
    .limit(AT_ONCE)
  for (const call of found) await endCall(db, call, { usage: {}, outcome: 'gone' }, (model) => priceOf(model, prices), now)
  return found.length
}
