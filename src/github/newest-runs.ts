import type { CheckSeen } from '../pipeline/events.ts'
import type { ListedCheckRun } from './check-listing.ts'

/** A re-run is a new check run of the same name by the same App. Two Apps may use one name: then both count. */
export function newestRuns(runs: readonly ListedCheckRun[]): ListedCheckRun[] {
  const newest = new Map<string, ListedCheckRun>()
  for (const run of runs) {
    const key = `${run.appId ?? ''} ${run.name}`
    const before = newest.get(key)
    if (before === undefined || isNewer(run, before)) newest.set(key, run)
  }
  return [...newest.values()].sort((a, b) => a.name.localeCompare(b.name) || a.id - b.id)
}

function isNewer(run: ListedCheckRun, than: ListedCheckRun): boolean {
  return run.startedAt === than.startedAt ? run.id > than.id : run.startedAt > than.startedAt
}

/** Whether a conclusion is one that a fixer needs evidence for. */
export function isFailing(conclusion: CheckSeen['conclusion']): boolean {
  switch (conclusion) {
    case 'failure':
    case 'cancelled':
    case 'timed_out':
    case 'action_required':
    case 'stale':
      return true
    case 'success':
    case 'neutral':
    case 'skipped':
    case 'pending':
      return false
  }
}
