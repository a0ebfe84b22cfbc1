import { asc, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { RunId } from '../contract/ids.ts'
import { Usage } from '../contract/job.ts'
import type { Db } from './db.ts'
import { jobs } from './tables/jobs.ts'

/** What one job used, as its runner told; null where it has not ended, or told nothing. */
export interface JobUsage {
  step: string
  role: string
  usage: Usage | null
  ended: boolean
}

const Told = z.object({ usage: Usage })

/** What a run's jobs used, oldest first. */
export async function jobUsageOfRun(db: Db, runId: RunId): Promise<JobUsage[]> {
  const role = sql<string>`${jobs.spec} ->> 'role'`
  const found = await db
    .select({ step: jobs.step, role, state: jobs.state, result: jobs.result })
    .from(jobs)
    .where(eq(jobs.runId, runId))
    .orderBy(asc(jobs.createdAt), asc(jobs.id))
  return found.map(({ step, role: name, state, result }) => {
    const told = Told.safeParse(result)
    const usage = told.success && Object.keys(told.data.usage).length > 0 ? told.data.usage : null
    return { step, role: name, usage, ended: state === 'over' || state === 'cancelled' }
  })
}
