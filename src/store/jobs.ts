import { and, asc, count, eq, inArray, isNull, lt, or, sql } from 'drizzle-orm'
import { z } from 'zod'
import { JobId, RunId } from '../contract/ids.ts'
import { JobLeg, JobResult, JobSpec } from '../contract/job.ts'
import { JobProgress } from '../contract/progress.ts'
import type { Instant } from '../pipeline/model.ts'
import type { Db, Tx } from './db.ts'
import { turnOf } from './job-turn.ts'
import { jobs } from './tables/jobs.ts'

export type JobState = (typeof jobs.$inferSelect)['state']

/** A job as the store knows it. */
export interface StoredJob extends JobRow {
  spec: JobSpec
  progress: JobProgress | null
  result: JobResult | null
}

/** A job without its documents, for lists. */
export interface JobRow {
  id: JobId
  runId: RunId
  step: string
  epoch: number
  state: JobState
  runner: string | null
  /** Starts so far: each is a runner that took the job. */
  start: number
  /** Starts that were no crash of a runner: it gave the job back, or asked for it once more. */
  handBacks: number
  /** Its place among the waiting: the lower the sooner. See {@link turnOf}. */
  turn: number
  heartbeatAt: Instant | null
  /** Why it shall stop, or null. */
  cancel: string | null
  /** Whether a job that shall stop pushes first what it has done. */
  cancelKeep: boolean
  createdAt: Instant
  startedAt: Instant | null
  endedAt: Instant | null
}

const LIVE = ['queued', 'running'] as const satisfies JobState[]

/** Writes a job down, once, and gives its place among the waiting; null where it is there already. */
export async function insertJob(tx: Tx, spec: JobSpec, at: Instant = Date.now()): Promise<{ turn: number } | null> {
  const [inserted = null] = await tx
    .insert(jobs)
    .values({ id: spec.id, runId: spec.run, step: spec.step, epoch: spec.epoch, spec, turn: turnOf(spec.run), createdAt: at })
    .onConflictDoNothing()
    .returning({ turn: jobs.turn })
  return inserted
}

export async function getJob(db: Db, id: JobId): Promise<StoredJob | null> {
  const [found] = await db.select().from(jobs).where(eq(jobs.id, id))
  if (found === undefined) return null
  return {
    ...rowOf(found),
    spec: JobSpec.parse(found.spec),
    progress: JobProgress.nullable().parse(found.progress),
    result: JobResult.nullable().parse(found.result),
  }
}

const WithResult = z.object({
  id: JobId,
  reportShape: JobSpec.shape.reportShape,
  legs: z.array(JobLeg.pick({ key: true, access: true, workBranch: true })),
  result: JobResult.nullable(),
})
/** What a job came to, with what is needed of its spec to read it. */
export type JobWithResult = z.infer<typeof WithResult>

/** Those of these jobs that there are, in no order, without what they were told. */
export async function jobResults(db: Db, ids: readonly JobId[]): Promise<JobWithResult[]> {
  if (ids.length === 0) return []
  const rows = await db
    .select({
      id: jobs.id,
      reportShape: sql`${jobs.spec} -> 'reportShape'`,
      legs: sql`${jobs.spec} -> 'legs'`,
      result: jobs.result,
    })
    .from(jobs)
    .where(inArray(jobs.id, [...ids]))
  return z.array(WithResult).parse(rows)
}

/** A runner takes the job: gives which start this is, from 1, or null when the job is unknown, over or to be cancelled. */
export async function startJob(db: Db, id: JobId, runner: string, at: Instant = Date.now()): Promise<{ start: number } | null> {
  const [started] = await db
    .update(jobs)
    .set({
      state: 'running',
      runner,
      start: sql`${jobs.start} + 1`,
      // Its answer got lost, or it stood still for a while: no runner crashed.
      handBacks: sql`${jobs.handBacks} + case when ${jobs.state} = 'running' and ${jobs.runner} = ${runner} then 1 else 0 end`,
      heartbeatAt: at,
      startedAt: sql`coalesce(${jobs.startedAt}, ${at}::bigint)`,
    })
    .where(and(eq(jobs.id, id), inArray(jobs.state, [...LIVE]), isNull(jobs.cancel)))
    .returning({ start: jobs.start })
  return started ?? null
}

/** A runner gives the job back as it stops: true where it had it. The next start of it is no crash. */
export async function handBackJob(db: Db, id: JobId, runner: string): Promise<boolean> {
  const given = await db
    .update(jobs)
    .set({ state: 'queued', runner: null, handBacks: sql`${jobs.handBacks} + 1` })
    .where(and(eq(jobs.id, id), eq(jobs.runner, runner), eq(jobs.state, 'running')))
    .returning({ id: jobs.id })
  return given.length === 1
}

/**
 * A sign of life from a start of a job: keeps its progress, if given, and gives what the app wants of it. Null when this
 * is not the job's current start, or the job is over.
 */
export async function recordProgress(
  db: Db,
  id: JobId,
  start: number,
  progress: JobProgress | null,
  at: Instant = Date.now(),
): Promise<{ cancel: string | null; cancelKeep: boolean } | null> {
  const [known] = await db
    .update(jobs)
    .set({ heartbeatAt: at, ...(progress === null ? {} : { progress }) })
    .where(and(eq(jobs.id, id), eq(jobs.start, start), eq(jobs.state, 'running')))
    .returning({ cancel: jobs.cancel, cancelKeep: jobs.cancelKeep })
  return known ?? null
}

/** Jobs that a runner says it works on are alive, even while they have no progress to tell. */
export async function recordHeartbeat(
  db: Db,
  runner: string,
  active: readonly string[],
  at: Instant = Date.now(),
): Promise<void> {
  if (active.length === 0) return
  await db
    .update(jobs)
    .set({ heartbeatAt: at })
    .where(and(inArray(jobs.id, [...active]), eq(jobs.runner, runner), eq(jobs.state, 'running')))
}

/** Keeps the result of the job's current start; true once. An older start's result, or a second one, changes nothing. */
export async function storeResult(
  tx: Tx,
  id: JobId,
  start: number,
  result: JobResult,
  at: Instant = Date.now(),
): Promise<boolean> {
  const stored = await tx
    .update(jobs)
    .set({ state: 'over', result, endedAt: at })
    .where(and(eq(jobs.id, id), eq(jobs.start, start), eq(jobs.state, 'running')))
    .returning({ id: jobs.id })
  return stored.length === 1
}

/**
 * Wants the job stopped. One that no runner has is cancelled at once; a running one is told at its next sign of life and
 * ends with its result, or by {@link closeJob} when its runner is lost. Gives the state it is in now.
 *
 * @param keep what it has done is pushed first; asked for once more without, it is not kept after all
 */
export async function requestCancel(
  tx: Tx,
  id: JobId,
  { why, keep }: { readonly why: string; readonly keep: boolean },
  at: Instant = Date.now(),
): Promise<JobState | null> {
  const [asked] = await tx
    .update(jobs)
    .set({
      cancel: sql`coalesce(${jobs.cancel}, ${why})`,
      cancelKeep: sql`case when ${jobs.cancel} is null then ${keep}::boolean else ${jobs.cancelKeep} and ${keep}::boolean end`,
      endedAt: sql`case when ${jobs.state} = 'queued' then ${at}::bigint else ${jobs.endedAt} end`,
      state: sql`case when ${jobs.state} = 'queued' then 'cancelled' else ${jobs.state} end`,
    })
    .where(and(eq(jobs.id, id), inArray(jobs.state, [...LIVE])))
    .returning({ state: jobs.state })
  if (asked !== undefined) return asked.state
  const [found] = await tx.select({ state: jobs.state }).from(jobs).where(eq(jobs.id, id))
  return found?.state ?? null
}

/** Ends a job that brings no result any more: true once. */
export async function closeJob(tx: Tx, id: JobId, state: 'over' | 'cancelled', at: Instant = Date.now()): Promise<boolean> {
  const closed = await tx
    .update(jobs)
    .set({ state, endedAt: at })
    .where(and(eq(jobs.id, id), inArray(jobs.state, [...LIVE])))
    .returning({ id: jobs.id })
  return closed.length === 1
}

/** Jobs that are queued or running, oldest first. */
export async function liveJobs(db: Db): Promise<JobRow[]> {
  const found = await db
    .select(light)
    .from(jobs)
    .where(or(eq(jobs.state, sql`'queued'`), eq(jobs.state, sql`'running'`)))
    .orderBy(asc(jobs.createdAt), asc(jobs.id))
  return found.map(rowOf)
}

/** A run's jobs, oldest first. */
export async function jobsOfRun(db: Db, runId: RunId): Promise<JobRow[]> {
  const found = await db.select(light).from(jobs).where(eq(jobs.runId, runId)).orderBy(asc(jobs.createdAt), asc(jobs.id))
  return found.map(rowOf)
}

/** Running jobs without a sign of life since then. */
export async function lostJobs(db: Db, { heartbeatBefore }: { heartbeatBefore: Instant }): Promise<JobRow[]> {
  const found = await db
    .select(light)
    .from(jobs)
    .where(and(eq(jobs.state, sql`'running'`), lt(jobs.heartbeatAt, heartbeatBefore)))
    .orderBy(asc(jobs.heartbeatAt))
  return found.map(rowOf)
}

/** How many queued jobs come before this one; 0 when it is not queued. */
export async function queuedAheadOf(db: Db, id: JobId): Promise<number> {
  const [row] = await db
    .select({ ahead: count() })
    .from(jobs)
    .where(
      and(
        eq(jobs.state, sql`'queued'`),
        sql`(${jobs.createdAt}, ${jobs.id}) < (select created_at, id from jobs where id = ${id} and state = 'queued')`,
      ),
    )
  return row?.ahead ?? 0
}

const light = {
  id: jobs.id,
  runId: jobs.runId,
  step: jobs.step,
  epoch: jobs.epoch,
  state: jobs.state,
  runner: jobs.runner,
  start: jobs.start,
  handBacks: jobs.handBacks,
  turn: jobs.turn,
  heartbeatAt: jobs.heartbeatAt,
  cancel: jobs.cancel,
  cancelKeep: jobs.cancelKeep,
  createdAt: jobs.createdAt,
  startedAt: jobs.startedAt,
  endedAt: jobs.endedAt,
}

type Light = Pick<typeof jobs.$inferSelect, keyof typeof light>

function rowOf(row: Light): JobRow {
  const { step, epoch, state, runner, start, handBacks, turn, heartbeatAt, cancel, cancelKeep } = row
  const { createdAt, startedAt, endedAt } = row
  const ids = { id: JobId.parse(row.id), runId: RunId.parse(row.runId) }
  const counts = { start, handBacks, turn }
  return { ...ids, step, epoch, state, runner, ...counts, heartbeatAt, cancel, cancelKeep, createdAt, startedAt, endedAt }
}
