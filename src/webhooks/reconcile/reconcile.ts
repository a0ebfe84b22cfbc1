/**
 * Compares live runs with GitHub and applies what differs as the events that the lost deliveries would have become
 * (ING-6). Economical: what an installation reaches and each repository's open pull requests are read once for all their
 * runs, and conditionally; a run that changed a moment ago is left alone; each call takes one share of the runs, so that
 * the work is spread over the interval, and those whose first look left a doubt.
 */
import { createHash } from 'node:crypto'
import { failureOf } from '../../contract/failure.ts'
import type { RunId } from '../../contract/ids.ts'
import { type Installation, installationById, listInstallations } from '../../github/repositories.ts'
import type { Run } from '../../pipeline/model.ts'
import { getRun, type LiveRunRow, liveRuns } from '../../store/runs.ts'
import type { Intake } from '../handle/intake.ts'
import { createDoubts } from './doubts.ts'
import { createPass, type Pass } from './pass.ts'
import { reconcileRun } from './run.ts'

/** Shortest time between two calls, in ms; the interval is cut into as many shares as fit. */
const SHARE_MS = 60_000
const SHARES_MAX = 15
/** A run that changed within this part of the interval is left alone. */
const RECENT_PART = 3
/** Between the two looks that make certain lies at least this part of the time between two calls. */
const GAP_PART = 2

/** How often {@link Reconciler.sweep} is to be called, in ms, and into how many shares it cuts the runs. */
export function sharesOf(intervalMs: number): { shares: number; everyMs: number } {
  const shares = Math.max(1, Math.min(SHARES_MAX, Math.floor(intervalMs / SHARE_MS)))
  return { shares, everyMs: Math.floor(intervalMs / shares) }
}

/** Both give how many runs differed. */
export interface Reconciler {
  /** Compares the runs whose turn it is. */
  sweep(): Promise<number>
  /** Compares all of them: what was lost while nobody listened. */
  all(): Promise<number>
}

export function createReconciler(intake: Intake, intervalMs: number): Reconciler {
  const { store, github, log, now } = intake
  const { shares, everyMs } = sharesOf(intervalMs)
  const doubts = createDoubts(everyMs / GAP_PART)
  const key = (run: Run, what: string) => `reconcile:${what}:${run.version}`

  const compare = async (row: LiveRunRow, standing: Installation | null, pass: () => Promise<Pass>): Promise<boolean> => {
    const run = await getRun(store.db, row.id)
    if (run === null) return false
    const look = doubts.look(run.id, now())
    const differed = await reconcileRun(intake, run, { key, standing, look, pass })
    look.end()
    return differed > 0
  }

  const compareAll = async (due: readonly LiveRunRow[]): Promise<number> => {
    if (due.length === 0) return 0
    const listed = new Map((await listInstallations(github.app)).map((each) => [each.id, each]))
    let differed = 0
    for (const [installationId, rows] of byInstallation(due)) {
      if ((await github.blocked(installationId)) !== null) continue
      let passed: Promise<Pass> | null = null
      const pass = () => {
        passed ??= github.installation(installationId).then((octokit) => createPass(octokit, installationId))
        return passed
      }
      for (const row of rows) {
        try {
          const standing = listed.get(installationId) ?? (await installationById(github.app, installationId))
          if (await compare(row, standing, pass)) differed += 1
        } catch (error) {
          // The next interval looks again; what keeps one run from being compared is nothing to the others but a limit.
          const { cause } = failureOf(error, 'internal')
          log.warn({ err: error, installation: installationId, run: row.id, cause }, 'Not compared')
          if (cause === 'rate-limit') break
        }
      }
    }
    if (differed > 0) log.info({ differed, compared: due.length }, 'Runs differed from GitHub')
    return differed
  }

  return {
    async sweep() {
      const live = await liveRuns(store.db)
      doubts.keep(new Set(live.map(({ id }) => id)))
      const doubted = doubts.open()
      const turn = Math.floor(now() / everyMs) % shares
      const rested = live.filter(({ updatedAt }) => now() - updatedAt >= intervalMs / RECENT_PART)
      return compareAll(rested.filter(({ id }) => doubted.has(id) || shareOf(id, shares) === turn))
    },
    all: async () => compareAll(await liveRuns(store.db)),
  }
}

/** Which share a run belongs to: the same in every process, and even over all runs. */
function shareOf(id: RunId, shares: number): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) % shares
}

function byInstallation(rows: readonly LiveRunRow[]): Map<number, LiveRunRow[]> {
  const groups = new Map<number, LiveRunRow[]>()
  for (const row of rows) groups.set(row.installationId, [...(groups.get(row.installationId) ?? []), row])
  return groups
}
