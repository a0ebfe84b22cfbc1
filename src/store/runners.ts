import { asc, gte } from 'drizzle-orm'
import { HEARTBEAT_MS, RunnerHeartbeat } from '../contract/api.ts'
import type { Instant } from '../pipeline/model.ts'
import type { Db } from './db.ts'
import { runners } from './tables/jobs.ts'

/** A runner counts as lost after this long without a heartbeat, in ms. */
export const RUNNER_LOST_MS = 6 * HEARTBEAT_MS

export interface SeenRunner extends RunnerHeartbeat {
  seenAt: Instant
}

export async function seenRunner(db: Db, heartbeat: RunnerHeartbeat, at: Instant = Date.now()): Promise<void> {
  const { runner, version, concurrency, active, runtimes, sandbox = null } = heartbeat
  const seen = { version, concurrency, active, runtimes, sandbox, seenAt: at }
  await db
    .insert(runners)
    .values({ id: runner, ...seen })
    .onConflictDoUpdate({ target: runners.id, set: seen })
}

/** Runners heard of since then. */
export async function liveRunners(db: Db, since: Instant): Promise<SeenRunner[]> {
  const found = await db.select().from(runners).where(gte(runners.seenAt, since)).orderBy(asc(runners.id))
  return found.map(({ id, seenAt, sandbox, ...row }) => ({
    ...RunnerHeartbeat.parse({ ...row, runner: id, ...(sandbox === null ? {} : { sandbox }) }),
    seenAt,
  }))
}
