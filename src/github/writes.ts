import { AsyncLocalStorage } from 'node:async_hooks'
import { DEFAULT_PACING } from './pacing.ts'

/** One mutating request that was sent to GitHub, with its route as a template (`POST /repos/{owner}/{repo}/issues`). */
export interface Write {
  installationId: number | null
  route: string
}

/** How many writes there were, and how long they would take at GitHub's pace. */
export interface WriteCount {
  total: number
  byRoute: ReadonlyMap<string, number>
  /** At one write a second and one notification in three seconds per installation, in ms. */
  pacedMs: number
}

/** Counts mutating requests, in all and within a piece of work (an effect of a run). Minting tokens is not counted. */
export interface WriteLog {
  record(write: Write): void
  all(): WriteCount
  /** Does the work and counts the writes made within it, also those of its asynchronous parts. */
  during<T>(work: () => Promise<T>): Promise<{ value: T; writes: WriteCount }>
}

/** Routes that make GitHub notify people; it wants fewer of those. */
const NOTIFYING: readonly RegExp[] = [
  /^POST \/repos\/[^/]+\/[^/]+\/issues$/,
  /^POST \/repos\/[^/]+\/[^/]+\/issues\/[^/]+\/comments$/,
  /^POST \/repos\/[^/]+\/[^/]+\/pulls$/,
  /^PUT \/repos\/[^/]+\/[^/]+\/pulls\/[^/]+\/merge$/,
]

/** A counter of writes that starts at none. */
export function createWriteLog(): WriteLog {
  const all = createTally()
  const scope = new AsyncLocalStorage<readonly Tally[]>()
  return {
    record(write) {
      all.add(write)
      for (const tally of scope.getStore() ?? []) tally.add(write)
    },
    all: all.count,
    async during(work) {
      const tally = createTally()
      const value = await scope.run([...(scope.getStore() ?? []), tally], work)
      return { value, writes: tally.count() }
    },
  }
}

interface Tally {
  add(write: Write): void
  count(): WriteCount
}

function createTally(): Tally {
  const byRoute = new Map<string, number>()
  const perInstallation = new Map<number | null, { writes: number; notifying: number }>()
  return {
    add({ installationId, route }) {
      byRoute.set(route, (byRoute.get(route) ?? 0) + 1)
      const sums = perInstallation.get(installationId) ?? { writes: 0, notifying: 0 }
      sums.writes += 1
      if (NOTIFYING.some((pattern) => pattern.test(route))) sums.notifying += 1
      perInstallation.set(installationId, sums)
    },
    count() {
      const sums = [...perInstallation.values()]
      const paced = sums.map((each) =>
        Math.max(each.writes * DEFAULT_PACING.writeMs, each.notifying * DEFAULT_PACING.commentMs),
      )
      return {
        total: sums.reduce((total, each) => total + each.writes, 0),
        byRoute: new Map(byRoute),
        // Installations are paced independently, so the slowest decides.
        pacedMs: Math.max(0, ...paced),
      }
    },
  }
}
