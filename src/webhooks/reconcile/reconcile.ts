/**
 * Compares live runs with GitHub and applies what differs as the events that the lost deliveries would have become
 * (ING-6). Economical: repositories and open pull requests are read once for all their runs, and conditionally; a run that
 * changed a moment ago is left alone; each call takes one share of the runs, so that the work is spread over the interval.
 */
import { createHash } from 'node:crypto'
import { failureOf } from '../../contract/failure.ts'
import { listInstallations } from '../../github/repositories.ts'
import { getRun, type LiveRunRow, liveRuns } from '../../store/runs.ts'
import type { Intake } from '../handle/intake.ts'
import { NOBODY, reconcileInstallation } from './installation.ts'
import { createPass } from './pass.ts'
import { reconcileRun } from './run.ts'

/** Shortest time between two calls, in ms; the interval is cut into as many shares as fit. */
const SHARE_MS = 60_000
const SHARES_MAX = 15
/** A run that changed within this part of the interval is left alone. */
const RECENT_PART = 3

/** How often {@link createReconciler}'s sweep is to be called, in ms, and into how many shares it cuts the runs. */
export function sharesOf(intervalMs: number): { shares: number; everyMs: number } {
  const shares = Math.max(1, Math.min(SHARES_MAX, Math.floor(intervalMs / SHARE_MS)))
  return { shares, everyMs: Math.floor(intervalMs / shares) }
}

/** The sweep: compares the runs whose turn it is; gives how many differed. */
export function createReconciler(intake: Intake, intervalMs: number, labelPrefix: string): () => Promise<number> {
  const { store, github, log, now } = intake
  const { shares, everyMs } = sharesOf(intervalMs)

  const key = (run: { version: number }, what: string) => `reconcile:${what}:${run.version}`

  const reconcileOne = async (row: LiveRunRow, pass: ReturnType<typeof createPass>): Promise<number> => {
    const run = await getRun(store.db, row.id)
    return run === null ? 0 : reconcileRun(intake, run, pass, { key, labelPrefix })
  }

  return async () => {
    const all = await liveRuns(store.db)
    if (all.length === 0) return 0
    const turn = Math.floor(now() / everyMs) % shares
    const due = all.filter(({ id, updatedAt }) => shareOf(id, shares) === turn && now() - updatedAt >= intervalMs / RECENT_PART)
    if (due.length === 0) return 0
    const standing = new Map((await listInstallations(github.app)).map((each) => [each.id, each]))
    let differed = 0
    for (const [installationId, rows] of byInstallation(due)) {
      try {
        if ((await github.blocked(installationId)) !== null) continue
        const here = standing.get(installationId) ?? null
        differed += await reconcileInstallation(intake, installationId, here, { key, actor: NOBODY })
        if (here === null || here.suspended) continue
        const pass = createPass(await github.installation(installationId))
        for (const row of rows) differed += await reconcileOne(row, pass)
      } catch (error) {
        // The next interval looks again; a rate limit is told by its own means.
        log.warn({ err: error, installation: installationId, cause: failureOf(error, 'internal').cause }, 'Not compared')
      }
    }
    if (differed > 0) log.info({ differed, compared: due.length }, 'Runs differed from GitHub')
    return differed
  }
}

/** Which share a run belongs to: the same in every process, and even over all runs. */
function shareOf(id: string, shares: number): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) % shares
}

function byInstallation(rows: readonly LiveRunRow[]): Map<number, LiveRunRow[]> {
  const groups = new Map<number, LiveRunRow[]>()
  for (const row of rows) groups.set(row.installationId, [...(groups.get(row.installationId) ?? []), row])
  return groups
}
