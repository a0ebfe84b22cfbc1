import { and, asc, count, eq, inArray, lt, or, sql } from 'drizzle-orm'
import { RunId } from '../contract/ids.ts'
import { Effect } from '../pipeline/effects.ts'
import type { Instant } from '../pipeline/model.ts'
import type { Db, Tx } from './db.ts'
import { prepared } from './prepared.ts'
import { outbox } from './tables/outbox.ts'

export type EffectState = (typeof outbox.$inferSelect)['state']

/** An effect on its way. */
export interface StoredEffect {
  id: string
  runId: RunId
  state: EffectState
  attempts: number
  error: string | null
  effect: Effect
}

const PENDING = ['committed', 'enqueued'] as const satisfies EffectState[]

/** Writes effects down; one that is there already stays as it is, done or not. */
export async function addEffects(tx: Tx, runId: RunId, effects: readonly Effect[], at: Instant = Date.now()): Promise<void> {
  if (effects.length === 0) return
  await tx
    .insert(outbox)
    .values(effects.map((effect) => ({ id: effect.id, runId, kind: effect.kind, data: effect, createdAt: at })))
    .onConflictDoNothing()
}

export async function getEffect(db: Db, id: string): Promise<StoredEffect | null> {
  const [found] = await db.select().from(outbox).where(eq(outbox.id, id))
  if (found === undefined) return null
  const { runId, state, attempts, error, data } = found
  return { id, runId: RunId.parse(runId), state, attempts, error, effect: Effect.parse(data) }
}

/** The queue has them (again). What is done or failed stays so: the worker may have been faster than this. */
export async function markEnqueued(db: Db, ids: readonly string[], at: Instant = Date.now()): Promise<void> {
  if (ids.length === 0) return
  const statement = sql`
    update outbox set state = 'enqueued', enqueued_at = ${at}::bigint
    where id = any(${sql.param([...ids])}::text[]) and state in ('committed', 'enqueued')`
  await prepared(db, 'switchyard-mark-enqueued', statement)
}

/** The queue will have it at that moment, and not before; until then no sweep looks for it. */
export async function postpone(db: Db, id: string, until: Instant): Promise<void> {
  await markEnqueued(db, [id], until)
}

/** True once: false when it was over already. */
export async function markDone(tx: Tx, id: string, at: Instant = Date.now()): Promise<boolean> {
  const marked = await tx
    .update(outbox)
    .set({ state: 'done', doneAt: at, error: null })
    .where(and(eq(outbox.id, id), inArray(outbox.state, [...PENDING])))
    .returning({ id: outbox.id })
  return marked.length === 1
}

/** It used up its attempts. True once: false when it was over already. */
export async function markFailed(tx: Tx, id: string, error: string, at: Instant = Date.now()): Promise<boolean> {
  const marked = await tx
    .update(outbox)
    .set({ state: 'failed', doneAt: at, error })
    .where(and(eq(outbox.id, id), inArray(outbox.state, [...PENDING])))
    .returning({ id: outbox.id })
  return marked.length === 1
}

/** An attempt went wrong and another one comes. Gives how many attempts there were. */
export async function countAttempt(db: Db, id: string, error: string): Promise<number> {
  const [counted] = await db
    .update(outbox)
    .set({ attempts: sql`${outbox.attempts} + 1`, error })
    .where(eq(outbox.id, id))
    .returning({ attempts: outbox.attempts })
  return counted?.attempts ?? 0
}

export interface ForgottenBefore {
  /** Committed before this and never enqueued. */
  committedBefore: Instant
  /** Enqueued before this and not over: the queue may have lost it. */
  enqueuedBefore: Instant
  limit: number
}

/** Effects that must be enqueued again, oldest first. */
export async function forgotten(
  db: Db,
  { committedBefore, enqueuedBefore, limit }: ForgottenBefore,
): Promise<{ id: string; runId: RunId }[]> {
  const found = await db
    .select({ id: outbox.id, runId: outbox.runId })
    .from(outbox)
    .where(
      or(
        and(eq(outbox.state, sql`'committed'`), lt(outbox.createdAt, committedBefore)),
        and(eq(outbox.state, sql`'enqueued'`), lt(outbox.enqueuedAt, enqueuedBefore)),
      ),
    )
    .orderBy(asc(outbox.position))
    .limit(limit)
  return found.map((row) => ({ id: row.id, runId: RunId.parse(row.runId) }))
}

/** How many of a run's effects are on their way. */
export async function pendingCount(db: Db, runId: RunId): Promise<number> {
  const [row] = await db
    .select({ pending: count() })
    .from(outbox)
    .where(and(eq(outbox.runId, runId), sql`${outbox.state} in ('committed', 'enqueued')`))
  return row?.pending ?? 0
}

/** Whether it is still to be done. */
export function isPending({ state }: Pick<StoredEffect, 'state'>): boolean {
  return state === 'committed' || state === 'enqueued'
}

/** Of a run's effects of this kind that are still to be done, only the newest is: the others count as done. */
export async function leaveOutOlder(db: Db, runId: RunId, kind: Effect['kind'], at: Instant = Date.now()): Promise<void> {
  const pending = sql`run_id = ${runId} and kind = ${kind} and state in ('committed', 'enqueued')`
  await db
    .update(outbox)
    .set({ state: 'done', doneAt: at })
    .where(sql`${pending} and position < (select max(position) from outbox where ${pending})`)
}
