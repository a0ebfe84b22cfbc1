import { asc, gte } from 'drizzle-orm'
import { RunnerHeartbeat } from '../contract/api.ts'
import type { Instant } from '../pipeline/model.ts'
import type { Db } from './db.ts'
import { runners } from './tables/jobs.ts'

export interface SeenRunner extends RunnerHeartbeat {
  seenAt: Instant
}

export async function seenRunner(db: Db, heartbeat: RunnerHeartbeat, at: Instant = Date.now()): Promise<void> {
  const { runner, version, concurrency, active, runtimes } = heartbeat
  const seen = { version, concurrency, active, runtimes, seenAt: at }
  await db
    .insert(runners)
    .values({ id: runner, ...seen })
    .onConflictDoUpdate({ target: runners.id, set: seen })
}

/** Runners heard of since then. */
export async function liveRunners(db: Db, since: Instant): Promise<SeenRunner[]> {
  const found = await db.select().from(runners).where(gte(runners.seenAt, since)).orderBy(asc(runners.id))
  return found.map(({ id, seenAt, ...row }) => ({ ...RunnerHeartbeat.parse({ ...row, runner: id }), seenAt }))
}
