/** Which installations are kept from asking GitHub, and until when: one word for all processes (FAIL-4). */
import { and, eq, gt, sql } from 'drizzle-orm'
import type { Instant } from '../pipeline/model.ts'
import type { Db } from './db.ts'
import { githubBlocks } from './tables/github.ts'

export interface GitHubBlock {
  since: Instant
  until: Instant
}

/** The installation's block, unless it is over. */
export async function readBlock(db: Db, installationId: number, now: Instant): Promise<GitHubBlock | null> {
  const [found] = await db
    .select({ since: githubBlocks.since, until: githubBlocks.until })
    .from(githubBlocks)
    .where(and(eq(githubBlocks.installationId, installationId), gt(githubBlocks.until, now)))
  return found ?? null
}

/** Begins a block, or makes the one that there is longer: several are told of the same limit, in any order. */
export async function extendBlock(db: Db, installationId: number, until: Instant, now: Instant): Promise<GitHubBlock> {
  const [kept] = await db
    .insert(githubBlocks)
    .values({ installationId, since: now, until })
    .onConflictDoUpdate({
      target: githubBlocks.installationId,
      set: {
        since: sql`case when ${githubBlocks.until} > ${now}::bigint then ${githubBlocks.since} else excluded.since end`,
        until: sql`greatest(${githubBlocks.until}, excluded.until)`,
      },
    })
    .returning({ since: githubBlocks.since, until: githubBlocks.until })
  return kept ?? { since: now, until }
}
