import { eq } from 'drizzle-orm'
import type { Instant } from '../pipeline/model.ts'
import type { Db } from './db.ts'
import { configurations } from './tables/github.ts'

/** `good` and `errors` are JSON of the configuration's own schemas, which parse them. */
export type StoredConfiguration = typeof configurations.$inferSelect

export interface ReadConfiguration {
  /** The file's blob id, or null where there is no such file. */
  sha: string | null
  source: string | null
  /** What was parsed; absent: it was not good, and the last good one stays. */
  good?: unknown
  errors: unknown
}

export async function getConfiguration(db: Db, repositoryId: number): Promise<StoredConfiguration | null> {
  const [found] = await db.select().from(configurations).where(eq(configurations.repositoryId, repositoryId))
  return found ?? null
}

export async function putConfiguration(
  db: Db,
  repositoryId: number,
  { sha, source, good, errors }: ReadConfiguration,
  at: Instant = Date.now(),
): Promise<void> {
  const read = { sha, source, errors: errors ?? null, at, ...(good === undefined ? {} : { good }) }
  await db
    .insert(configurations)
    .values({ repositoryId, ...read })
    .onConflictDoUpdate({ target: configurations.repositoryId, set: read })
}
