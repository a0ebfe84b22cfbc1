/** Schedules and their fires (SCH-1). A fire is a row before anything is done for it, and one row for ever. */
import { and, desc, eq, inArray, isNotNull, lt, lte, sql } from 'drizzle-orm'
import type { RunId } from '../contract/ids.ts'
import type { Instant } from '../pipeline/model.ts'
import type { Db, Tx } from './db.ts'
import { scheduleFires, schedules } from './tables/schedules.ts'

export type ScheduleRow = typeof schedules.$inferSelect
export type FireRow = typeof scheduleFires.$inferSelect
/** What names a fire. */
export type FireKey = Pick<FireRow, 'repositoryId' | 'name' | 'dueAt'>

export async function schedulesOf(db: Db, repositoryId: number): Promise<ScheduleRow[]> {
  return db.select().from(schedules).where(eq(schedules.repositoryId, repositoryId)).orderBy(schedules.name)
}

/** Puts it in, or in the place of the one of its name. */
export async function putSchedule(db: Db, row: ScheduleRow): Promise<void> {
  const { repositoryId, name, ...rest } = row
  await db
    .insert(schedules)
    .values(row)
    .onConflictDoUpdate({ target: [schedules.repositoryId, schedules.name], set: rest })
}

/** Takes schedules of a repository out: those of these names, or all. What they did stays. */
export async function removeSchedules(db: Db, repositoryId: number, names?: readonly string[]): Promise<void> {
  if (names?.length === 0) return
  const named = names === undefined ? undefined : inArray(schedules.name, [...names])
  await db.delete(schedules).where(and(eq(schedules.repositoryId, repositoryId), named))
}

/** The schedules whose time has come, held until the transaction ends. */
export async function dueSchedules(tx: Tx, now: Instant, limit: number): Promise<ScheduleRow[]> {
  return tx
    .select()
    .from(schedules)
    .where(and(isNotNull(schedules.nextAt), lte(schedules.nextAt, now)))
    .orderBy(schedules.nextAt)
    .limit(limit)
    .for('update')
}

/** Writes down that a schedule came, and when it comes next. */
export async function addFire(
  tx: Tx,
  { repositoryId, name }: ScheduleRow,
  dueAt: Instant,
  nextAt: Instant | null,
): Promise<void> {
  await tx.insert(scheduleFires).values({ repositoryId, name, dueAt }).onConflictDoNothing()
  await tx
    .update(schedules)
    .set({ nextAt })
    .where(and(eq(schedules.repositoryId, repositoryId), eq(schedules.name, name)))
}

/** Fires that nothing was done for yet, oldest first. */
export async function openFires(db: Db, limit: number): Promise<FireRow[]> {
  return db.select().from(scheduleFires).where(eq(scheduleFires.state, sql`'due'`)).orderBy(scheduleFires.dueAt).limit(limit)
}

export async function getFire(db: Db, key: FireKey): Promise<FireRow | null> {
  const [found] = await db.select().from(scheduleFires).where(sameFire(key))
  return found ?? null
}

/** The fire before this one that brought an issue. */
export async function lastFireWithIssue(db: Db, { repositoryId, name, dueAt }: FireKey): Promise<FireRow | null> {
  const [found] = await db
    .select()
    .from(scheduleFires)
    .where(
      and(
        eq(scheduleFires.repositoryId, repositoryId),
        eq(scheduleFires.name, name),
        lt(scheduleFires.dueAt, dueAt),
        isNotNull(scheduleFires.issue),
      ),
    )
    .orderBy(desc(scheduleFires.dueAt))
    .limit(1)
  return found ?? null
}

/** Keeps the issue that a fire opened, before anything else is done with it. */
export async function noteIssue(db: Db, key: FireKey, issue: number): Promise<void> {
  await db.update(scheduleFires).set({ issue }).where(sameFire(key))
}

/** What became of a fire: written once. */
export async function endFire(
  db: Db,
  key: FireKey,
  end: { state: Exclude<FireRow['state'], 'due'>; why?: string; runId?: RunId },
  at: Instant,
): Promise<void> {
  const { state, why = '', runId = null } = end
  await db
    .update(scheduleFires)
    .set({ state, why, runId, endedAt: at })
    .where(and(sameFire(key), eq(scheduleFires.state, sql`'due'`)))
}

/** For the dashboard: what comes next, soonest first, and what came, newest first. */
export async function listSchedules(db: Db, limit: number): Promise<ScheduleRow[]> {
  return db
    .select()
    .from(schedules)
    .orderBy(sql`${schedules.nextAt} nulls last`, schedules.repository, schedules.name)
    .limit(limit)
}

export async function newestFires(db: Db, limit: number): Promise<FireRow[]> {
  return db.select().from(scheduleFires).orderBy(desc(scheduleFires.dueAt), scheduleFires.name).limit(limit)
}

function sameFire({ repositoryId, name, dueAt }: FireKey) {
  return and(eq(scheduleFires.repositoryId, repositoryId), eq(scheduleFires.name, name), eq(scheduleFires.dueAt, dueAt))
}
