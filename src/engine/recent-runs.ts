import type { RunId } from '../contract/ids.ts'
import type { Run } from '../pipeline/model.ts'

/** How many runs a process keeps at hand; each is some ten kilobytes. */
const KEPT = 200

/**
 * Runs as this process saved them last, so that the next event need not read and parse what was just written. Never more
 * than a guess: other processes decide too, so whoever uses one saves only over that very version.
 */
export interface RecentRuns {
  /** Hands a run out once: a second event at the same moment reads what the first one made of it. */
  take(id: RunId): Run | null
  /** To be called after the commit only. */
  keep(run: Run): void
}

export function createRecentRuns(): RecentRuns {
  const kept = new Map<RunId, Run>()
  return {
    take(id) {
      const run = kept.get(id) ?? null
      kept.delete(id)
      return run
    },
    keep(run) {
      kept.delete(run.id)
      kept.set(run.id, run)
      for (const longestAgo of kept.keys()) {
        if (kept.size <= KEPT) break
        kept.delete(longestAgo)
      }
    },
  }
}
