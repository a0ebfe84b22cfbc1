import { and, asc, eq, gt } from 'drizzle-orm'
import type { JobId } from '../contract/ids.ts'
import type { LogLine } from '../contract/progress.ts'
import type { Db } from './db.ts'
import { agentLog } from './tables/jobs.ts'

/** A line with its position in the job's whole log, over all its starts. */
export interface StoredLogLine extends LogLine {
  position: number
  start: number
}

/** Keeps lines of one start of a job; a line that is there already is left alone, so that they can be sent again. */
export async function appendLog(db: Db, jobId: JobId, start: number, lines: readonly LogLine[]): Promise<void> {
  if (lines.length === 0) return
  await db
    .insert(agentLog)
    .values(lines.map(({ seq, at, kind, text }) => ({ jobId, start, seq, at: Date.parse(at), kind, text })))
    .onConflictDoNothing()
}

/** A job's log from its beginning (`after` 0), or after a position. */
export async function readLog(db: Db, jobId: JobId, after: number, limit: number): Promise<StoredLogLine[]> {
  const found = await db
    .select()
    .from(agentLog)
    .where(and(eq(agentLog.jobId, jobId), gt(agentLog.position, after)))
    .orderBy(asc(agentLog.position))
    .limit(limit)
  return found.map(({ position, start, seq, at, kind, text }) => ({
    position,
    start,
    seq,
    at: new Date(at).toISOString(),
    kind,
    text,
  }))
}
