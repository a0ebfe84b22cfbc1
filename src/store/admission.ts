import { and, asc, count, desc, eq, isNotNull, isNull, ne } from 'drizzle-orm'
import { RunId } from '../contract/ids.ts'
import { type Instant, Run } from '../pipeline/model.ts'
import type { Db } from './db.ts'
import { runs } from './tables/runs.ts'

/** Most runs with a place that are read at once. */
const ADMITTED_MAX = 100

/** A run that waits for a place. */
export interface QueuedRun {
  id: RunId
  installationId: number
  repositoryId: number
  requesterId: number
  priority: boolean
  createdAt: Instant
}

/** How many live, admitted runs there are: in all, and by the ids they count against. */
export interface ActiveCounts {
  total: number
  installations: Map<number, number>
  repositories: Map<number, number>
  requesters: Map<number, number>
}

/** Runs that wait for a place: those with priority first, then the oldest. */
export async function queuedRuns(db: Db): Promise<QueuedRun[]> {
  const found = await db
    .select({
      id: runs.id,
      installationId: runs.installationId,
      repositoryId: runs.repositoryId,
      requesterId: runs.requesterId,
      priority: runs.priority,
      createdAt: runs.createdAt,
    })
    .from(runs)
    .where(and(eq(runs.live, true), isNull(runs.admittedAt), ne(runs.state, 'paused')))
    .orderBy(desc(runs.priority), asc(runs.createdAt), asc(runs.id))
  return found.map((row) => ({ ...row, id: RunId.parse(row.id) }))
}

/** Live runs that have a place, those of one repository or all; most of them where there are very many. */
export async function admittedRuns(db: Db, repositoryId?: number): Promise<Run[]> {
  const found = await db
    .select({ data: runs.data })
    .from(runs)
    .where(
      and(
        eq(runs.live, true),
        isNotNull(runs.admittedAt),
        repositoryId === undefined ? undefined : eq(runs.repositoryId, repositoryId),
      ),
    )
    .limit(ADMITTED_MAX)
  return found.map(({ data }) => Run.parse(data))
}

export async function activeCounts(db: Db): Promise<ActiveCounts> {
  const rows = await db
    .select({ installation: runs.installationId, repository: runs.repositoryId, requester: runs.requesterId, runs: count() })
    .from(runs)
    .where(and(eq(runs.live, true), isNotNull(runs.admittedAt)))
    .groupBy(runs.installationId, runs.repositoryId, runs.requesterId)
  const counts: ActiveCounts = { total: 0, installations: new Map(), repositories: new Map(), requesters: new Map() }
  for (const row of rows) {
    counts.total += row.runs
    add(counts.installations, row.installation, row.runs)
    add(counts.repositories, row.repository, row.runs)
    add(counts.requesters, row.requester, row.runs)
  }
  return counts
}

function add(counts: Map<number, number>, id: number, more: number): void {
  counts.set(id, (counts.get(id) ?? 0) + more)
}
