import { and, asc, eq, sql } from 'drizzle-orm'
import { Run } from '../pipeline/model.ts'
import type { Db } from './db.ts'
import { runs } from './tables/runs.ts'

/** Live runs that are paused because a budget is used up, oldest first. */
export async function pausedForBudget(db: Db): Promise<Run[]> {
  const found = await db
    .select({ data: runs.data })
    .from(runs)
    .where(and(eq(runs.live, true), eq(runs.state, 'paused'), sql`${runs.data} -> 'status' ->> 'cause' = 'budget'`))
    .orderBy(asc(runs.createdAt), asc(runs.id))
  return found.map(({ data }) => Run.parse(data))
}
