/** Lets queued runs in when the limits allow: with priority first, then the oldest, fairly between repositories (RUN-3). */
import { crashPoint } from '../contract/crash-point.ts'
import type { RunId } from '../contract/ids.ts'
import { type ActiveCounts, activeCounts, type QueuedRun, queuedRuns } from '../store/admission.ts'
import { withLock } from '../store/locks.ts'
import type { Store } from '../store/store.ts'
import type { Committed } from './announce.ts'
import type { Engine } from './engine.ts'

/** How many runs may be worked on at once. */
export interface AdmissionLimits {
  deployment: number
  installation: number
  repository: number
  person: number
}

/**
 * Which runs may begin now. Within a repository the oldest goes first; between repositories the one with the fewest
 * active runs goes first, so that a repository with a long queue starves nobody. `queued` is ordered by priority and age.
 */
export function admissible(queued: readonly QueuedRun[], active: ActiveCounts, limits: AdmissionLimits): RunId[] {
  const counts = {
    total: active.total,
    installations: new Map(active.installations),
    repositories: new Map(active.repositories),
    requesters: new Map(active.requesters),
  }
  const waiting = [...queued]
  const admitted: RunId[] = []
  for (;;) {
    const next = nextInLine(waiting, counts, limits)
    if (next === undefined) return admitted
    waiting.splice(waiting.indexOf(next), 1)
    admitted.push(next.id)
    counts.total += 1
    add(counts.installations, next.installationId)
    add(counts.repositories, next.repositoryId)
    add(counts.requesters, next.requesterId)
  }
}

function nextInLine(waiting: readonly QueuedRun[], counts: ActiveCounts, limits: AdmissionLimits): QueuedRun | undefined {
  if (counts.total >= limits.deployment) return undefined
  const fits = waiting.filter(
    (run) =>
      (counts.installations.get(run.installationId) ?? 0) < limits.installation &&
      (counts.repositories.get(run.repositoryId) ?? 0) < limits.repository &&
      (counts.requesters.get(run.requesterId) ?? 0) < limits.person,
  )
  const load = (run: QueuedRun) => counts.repositories.get(run.repositoryId) ?? 0
  return fits.toSorted((a, b) => Number(b.priority) - Number(a.priority) || load(a) - load(b) || a.createdAt - b.createdAt)[0]
}

function add(counts: Map<number, number>, id: number): void {
  counts.set(id, (counts.get(id) ?? 0) + 1)
}

/** Admits what may begin, in one serial place over all processes; gives how many began. */
export async function admit(store: Store, engine: Engine, limits: AdmissionLimits): Promise<number> {
  const committed = await withLock(store.db, 'admission', async (tx) => {
    const ids = admissible(await queuedRuns(tx), await activeCounts(tx), limits)
    const decisions: Committed[] = []
    for (const id of ids) {
      const outcome = await engine.applyWithin(tx, id, 'admitted', { type: 'run.admitted' })
      if (outcome.committed !== null) decisions.push(outcome.committed)
    }
    return decisions
  })
  if (committed.length > 0) crashPoint('run-saved')
  for (const decision of committed) await engine.announce(decision)
  return committed.length
}
