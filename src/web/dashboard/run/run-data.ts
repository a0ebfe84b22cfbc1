import { JobId, type RunId } from '../../../contract/ids.ts'
import type { JobProgress } from '../../../contract/progress.ts'
import { type QueuePlace, queuePlace } from '../../../engine/queue-estimate.ts'
import type { Spent } from '../../../gateway/ledger.ts'
import { readWithLedger } from '../../../gateway/with-ledger.ts'
import type { Instant, Run } from '../../../pipeline/model.ts'
import type { Db } from '../../../store/db.ts'
import { readBlock } from '../../../store/github-blocks.ts'
import { type HistoryRow, listHistory } from '../../../store/history.ts'
import { getJob, type JobRow, jobsOfRun } from '../../../store/jobs.ts'
import { getRun } from '../../../store/runs.ts'
import { callsOfRun, type RunCall } from '../../../store/workflow-calls.ts'

/** Rows of history read at a time. */
const HISTORY_PAGE = 500
/** Most rows of history shown, the newest. */
const HISTORY_SHOWN = 300
/** Pages of history read at most: no run comes near. */
const HISTORY_PAGES = 40

/** What a run's page shows. */
export interface RunView {
  run: Run
  /** What its calls of models used, as the ledger has them. */
  spent: readonly Spent[]
  jobs: JobRow[]
  /** What scripts of dynamic workflows asked for. */
  calls: RunCall[]
  /** The job whose log is shown. */
  job: JobRow | null
  /** True where the reader chose it; else the log goes over to the next job when one begins. */
  chosen: boolean
  progress: JobProgress | null
  queue: QueuePlace | null
  /** Until when GitHub's rate limit holds the run's installation back. */
  blockedUntil: Instant | null
  /** Newest first. */
  history: HistoryRow[]
  /** How many older rows are left out. */
  older: number
}

/** Null when there is no such run, or the chosen job is not one of it. */
export async function loadRun(db: Db, id: RunId, chosen: string | undefined, now: Instant): Promise<RunView | null> {
  const stored = await getRun(db, id)
  if (stored === null) return null
  const { run, spent } = await readWithLedger(db, stored)
  const [jobs, rows, queue, block, calls] = await Promise.all([
    jobsOfRun(db, id),
    wholeHistory(db, id),
    run.status.state === 'queued' ? queuePlace(db, run) : null,
    readBlock(db, run.task.installationId, now),
    callsOfRun(db, id),
  ])
  const job = chosen === undefined ? currentJob(jobs) : jobs.find((candidate) => candidate.id === chosen)
  if (job === undefined) return null
  const current = currentJob(jobs)
  const progress = current?.state === 'running' ? ((await getJob(db, current.id))?.progress ?? null) : null
  return {
    run,
    spent,
    jobs,
    calls,
    job,
    chosen: chosen !== undefined,
    progress,
    queue,
    blockedUntil: block?.until ?? null,
    history: rows.slice(-HISTORY_SHOWN).toReversed(),
    older: Math.max(0, rows.length - HISTORY_SHOWN),
  }
}

/** The job that goes on now, else the one that was asked for last. */
export function currentJob(jobs: readonly JobRow[]): JobRow | null {
  return jobs.findLast(({ state }) => state === 'queued' || state === 'running') ?? jobs.at(-1) ?? null
}

/** A run's job by the id in an address. */
export async function jobOfRun(db: Db, run: RunId, id: string | undefined): Promise<JobRow | null> {
  const jobs = await jobsOfRun(db, run)
  if (id === undefined) return currentJob(jobs)
  const parsed = JobId.safeParse(id)
  return parsed.success ? (jobs.find((job) => job.id === parsed.data) ?? null) : null
}

async function wholeHistory(db: Db, id: RunId): Promise<HistoryRow[]> {
  const rows: HistoryRow[] = []
  for (let page = 0; page < HISTORY_PAGES; page++) {
    const next = await listHistory(db, id, { after: rows.at(-1)?.id, limit: HISTORY_PAGE })
    rows.push(...next)
    if (next.length < HISTORY_PAGE) break
  }
  return rows
}
