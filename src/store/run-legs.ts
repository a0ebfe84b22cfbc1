import { and, eq, type SQL } from 'drizzle-orm'
import { LegKey, RunId } from '../contract/ids.ts'
import type { Run } from '../pipeline/model.ts'
import type { Db, Tx } from './db.ts'
import { runLegs } from './tables/runs.ts'

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

export async function findLegByBranch(db: Db, repositoryId: number, workBranch: string): Promise<LegRef | null> {
  const [found] = await findLegs(db, repositoryId, eq(runLegs.workBranch, workBranch))
  return found ?? null
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
