import { and, desc, eq, type SQL } from 'drizzle-orm'
import { LegKey, RunId } from '../contract/ids.ts'
import { Run } from '../pipeline/model.ts'
import type { Db, Tx } from './db.ts'
import { runLegs, runs } from './tables/runs.ts'

/** A leg of a live run. */
export interface LegRef {
  runId: RunId
  key: LegKey
}

/** The live legs whose work branch is at this head; several runs can share one. */
export async function findLegsByHead(db: Db, repositoryId: number, head: string): Promise<LegRef[]> {
  return findLegs(db, repositoryId, eq(runLegs.head, head))
}

export async function findLegByPull(db: Db, repositoryId: number, pullNumber: number): Promise<LegRef | null> {
  const [found] = await findLegs(db, repositoryId, eq(runLegs.pullNumber, pullNumber))
  return found ?? null
}

/** The leg with this pull request in the run that was created last, live or not: what is said to a merged one reaches its run. */
export async function findLatestLegByPull(db: Db, repositoryId: number, pullNumber: number): Promise<LegRef | null> {
  return latest(db, repositoryId, eq(runLegs.pullNumber, pullNumber))
}

/** The leg at this head in the run that was created last, live or not: a stage that failed is asked for again there. */
export async function findLatestLegByHead(db: Db, repositoryId: number, head: string): Promise<LegRef | null> {
  return latest(db, repositoryId, eq(runLegs.head, head))
}

export async function findLegByBranch(db: Db, repositoryId: number, workBranch: string): Promise<LegRef | null> {
  const [found] = await findLegs(db, repositoryId, eq(runLegs.workBranch, workBranch))
  return found ?? null
}

/** The live legs whose pull request was merged as this commit; a release is watched there. */
export async function findLegsByMerge(db: Db, repositoryId: number, sha: string): Promise<LegRef[]> {
  const found = await db
    .select({ key: runLegs.key, data: runs.data })
    .from(runLegs)
    .innerJoin(runs, eq(runs.id, runLegs.runId))
    .where(and(eq(runLegs.repositoryId, repositoryId), eq(runLegs.live, true)))
  return found.flatMap(({ key, data }) => {
    const run = Run.parse(data)
    const leg = run.legs.find((each) => each.key === key)
    return leg?.pull?.mergeSha === sha ? [{ runId: run.id, key: leg.key }] : []
  })
}

async function latest(db: Db, repositoryId: number, condition: SQL): Promise<LegRef | null> {
  const [found] = await db
    .select({ runId: runLegs.runId, key: runLegs.key })
    .from(runLegs)
    .innerJoin(runs, eq(runs.id, runLegs.runId))
    .where(and(eq(runLegs.repositoryId, repositoryId), condition))
    .orderBy(desc(runs.createdAt))
    .limit(1)
  return found === undefined ? null : { runId: RunId.parse(found.runId), key: LegKey.parse(found.key) }
}

async function findLegs(db: Db, repositoryId: number, condition: SQL): Promise<LegRef[]> {
  const found = await db
    .select({ runId: runLegs.runId, key: runLegs.key })
    .from(runLegs)
    .where(and(eq(runLegs.repositoryId, repositoryId), condition, eq(runLegs.live, true)))
  return found.map((row) => ({ runId: RunId.parse(row.runId), key: LegKey.parse(row.key) }))
}

/** The legs of a run that was just created; later ones are written with the run, see `save-run.ts`. */
export async function insertLegs(tx: Tx, run: Run, live: boolean): Promise<void> {
  await tx.insert(runLegs).values(run.legs.map((leg) => ({ ...legColumns(run, leg), live })))
}

/** What is searched of a leg. */
export function legColumns(run: Run, leg: Run['legs'][number]) {
  return {
    runId: run.id,
    key: leg.key,
    repositoryId: leg.repositoryId,
    workBranch: leg.workBranch,
    head: leg.head,
    pullNumber: leg.pull?.number ?? null,
  }
}
