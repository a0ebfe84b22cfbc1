import { desc, isNotNull, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type Db, rowsOf } from './db.ts'
import { jobs } from './tables/jobs.ts'

/** So many jobs that ended last are looked at. */
const JOBS_LOOKED_AT = 200

const Row = z.object({ role: z.string(), median: z.coerce.number() })

/** How long the jobs of each role took lately, from the first start to the end, in ms: the median. */
export async function medianJobMs(db: Db): Promise<ReadonlyMap<string, number>> {
  const ended = db
    .select({
      role: sql<string>`${jobs.spec} ->> 'role'`.as('role'),
      took: sql<number>`${jobs.endedAt} - ${jobs.startedAt}`.as('took'),
    })
    .from(jobs)
    .where(isNotNull(jobs.endedAt))
    .orderBy(desc(jobs.endedAt))
    .limit(JOBS_LOOKED_AT)
    .as('ended')
  const medians = sql`select ${ended.role} as role, percentile_cont(0.5) within group (order by ${ended.took}) as median from ${ended} where ${ended.took} is not null group by 1`
  return new Map(rowsOf(Row, await db.execute(medians)).map(({ role, median }) => [role, median]))
}
