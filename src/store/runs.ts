import { and, desc, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { SwitchyardError } from '../contract/failure.ts'
import { RunId } from '../contract/ids.ts'
import { type Instant, Run } from '../pipeline/model.ts'
import { isLive, type ShownState } from '../pipeline/state.ts'
import { type Db, rowsOf, type Tx } from './db.ts'
import { insertLegs } from './run-legs.ts'
import { runs } from './tables/runs.ts'

/** A run without its data, for lists. */
export type RunRow = Omit<typeof runs.$inferSelect, 'data' | 'id'> & { id: RunId }

export type Inserted = { created: true } | { created: false; live: RunId }

/** How often to look again when the live run that stood in the way ended in between. */
const INSERT_TRIES = 3

/**
 * Creates a run, unless its issue has a live one (invariant 1), or this very run is there already (a repeated
 * delivery): then says which.
 */
export async function insertRun(tx: Tx, run: Run, state: ShownState, { priority }: { priority: boolean }): Promise<Inserted> {
  for (let tries = 0; tries < INSERT_TRIES; tries++) {
    const created = await tx
      .insert(runs)
      .values({ ...columnsOf(run, state), id: run.id, priority })
      .onConflictDoNothing()
      .returning({ id: runs.id })
    if (created.length === 1) {
      await insertLegs(tx, run, isLive(run))
      return { created: true }
    }
    const [same] = await tx.select({ id: runs.id }).from(runs).where(eq(runs.id, run.id))
    if (same !== undefined) return { created: false, live: run.id }
    const live = await findLiveRun(tx, run.task.repositoryId, run.task.number)
    if (live !== null) return { created: false, live }
  }
  throw new SwitchyardError({
    cause: 'internal',
    message: `Run ${run.id} could not be created: others came and went in between.`,
  })
}

/** Reads a run and holds its row until the transaction ends: decisions for one run come one after the other. */
export async function lockRun(tx: Tx, id: RunId): Promise<Run | null> {
  const [found] = await tx.select({ data: runs.data }).from(runs).where(eq(runs.id, id)).for('update')
  return found === undefined ? null : Run.parse(found.data)
}

export async function getRun(db: Db, id: RunId): Promise<Run | null> {
  const [found] = await db.select({ data: runs.data }).from(runs).where(eq(runs.id, id))
  return found === undefined ? null : Run.parse(found.data)
}

export async function getRunRow(db: Db, id: RunId): Promise<RunRow | null> {
  const [found] = await db.select(light).from(runs).where(eq(runs.id, id))
  return found === undefined ? null : { ...found, id: RunId.parse(found.id) }
}

export async function findLiveRun(db: Db, repositoryId: number, number: number): Promise<RunId | null> {
  const [found] = await db
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.repositoryId, repositoryId), eq(runs.number, number), eq(runs.live, true)))
  return found === undefined ? null : RunId.parse(found.id)
}

/** The run of this issue that was created last, live or not. */
export async function findLatestRun(db: Db, repositoryId: number, number: number): Promise<RunId | null> {
  const [found] = await db
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.repositoryId, repositoryId), eq(runs.number, number)))
    .orderBy(desc(runs.createdAt))
    .limit(1)
  return found === undefined ? null : RunId.parse(found.id)
}

export interface RunFilter {
  state?: ShownState | undefined
  repositoryId?: number | undefined
  limit: number
  /** The last row of the page before. */
  before?: { createdAt: Instant; id: string } | undefined
}

/** Runs, newest first. */
export async function listRuns(db: Db, { state, repositoryId, limit, before }: RunFilter): Promise<RunRow[]> {
  const found = await db
    .select(light)
    .from(runs)
    .where(
      and(
        state && eq(runs.state, state),
        repositoryId === undefined ? undefined : eq(runs.repositoryId, repositoryId),
        before && sql`(${runs.createdAt}, ${runs.id}) < (${before.createdAt}::bigint, ${before.id})`,
      ),
    )
    .orderBy(desc(runs.createdAt), desc(runs.id))
    .limit(limit)
  return found.map((row) => ({ ...row, id: RunId.parse(row.id) }))
}

/** Every run that is not over, for the sweeps. */
export async function liveRunIds(db: Db): Promise<RunId[]> {
  return rowsOf(z.object({ id: RunId }), await db.execute(sql`select id from runs where live order by id`)).map(({ id }) => id)
}

/** A live run as the sweeps choose by it. */
export interface LiveRunRow {
  id: RunId
  installationId: number
  updatedAt: Instant
}

/** The live runs: all, or those of an installation, or those with a leg in a repository. */
export async function liveRuns(db: Db, of: { installationId?: number; repositoryId?: number } = {}): Promise<LiveRunRow[]> {
  const { installationId, repositoryId } = of
  const touching =
    repositoryId === undefined
      ? undefined
      : sql`exists (select from run_legs where run_legs.run_id = ${runs.id} and run_legs.repository_id = ${repositoryId}::bigint)`
  const found = await db
    .select({ id: runs.id, installationId: runs.installationId, updatedAt: runs.updatedAt })
    .from(runs)
    .where(
      and(eq(runs.live, true), installationId === undefined ? undefined : eq(runs.installationId, installationId), touching),
    )
    .orderBy(runs.id)
  return found.map((row) => ({ ...row, id: RunId.parse(row.id) }))
}

/** The columns that repeat what the run's data says, so that it can be searched. */
function columnsOf(run: Run, state: ShownState) {
  return {
    installationId: run.task.installationId,
    repositoryId: run.task.repositoryId,
    repository: run.task.repository,
    thread: run.task.thread,
    number: run.task.number,
    state,
    live: isLive(run),
    requesterId: run.task.requestedBy.id,
    requester: run.task.requestedBy.login,
    title: run.task.title,
    pipeline: run.pipeline,
    version: run.version,
    data: run,
    createdAt: run.createdAt,
    updatedAt: run.createdAt,
    admittedAt: run.admittedAt,
    endedAt: run.endedAt,
  }
}

const light = {
  id: runs.id,
  installationId: runs.installationId,
  repositoryId: runs.repositoryId,
  repository: runs.repository,
  thread: runs.thread,
  number: runs.number,
  state: runs.state,
  live: runs.live,
  requesterId: runs.requesterId,
  requester: runs.requester,
  title: runs.title,
  pipeline: runs.pipeline,
  priority: runs.priority,
  version: runs.version,
  createdAt: runs.createdAt,
  updatedAt: runs.updatedAt,
  admittedAt: runs.admittedAt,
  endedAt: runs.endedAt,
}
