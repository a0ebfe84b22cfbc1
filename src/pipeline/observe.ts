/** Folds what GitHub and the runner confirmed into the legs, before any step reacts: status is said only of this. */
import type { HeadSha, LegKey } from '../contract/ids.ts'
import type { JobResult, Usage } from '../contract/job.ts'
import { measure } from './change-class.ts'
import type { RunEvent, RunEventOf } from './events.ts'
import { takeFiled, takeNoticed } from './follow-ups.ts'
import type { Leg, PullRequest, Run } from './model.ts'
import { awaitedJobs, currentWait } from './state.ts'

function patch(run: Run, key: LegKey, change: (leg: Leg) => Leg): void {
  run.legs = run.legs.map((leg) => (leg.key === key ? change(leg) : leg))
}

/** A pull request that is merged stays merged: a late observation never takes it back. */
function withPull(leg: Leg, pull: PullRequest, head: HeadSha | null): Leg {
  if (leg.pull?.state === 'merged') return leg
  const mergedSha = pull.state === 'merged' ? (leg.mergedSha ?? head) : leg.mergedSha
  return { ...leg, pull, mergedSha }
}

/** Takes over what an event says of pull requests and heads, whatever the run is doing. */
export function observe(run: Run, event: RunEvent): void {
  switch (event.type) {
    case 'pulls.opened':
      // What is known of a pull request is never older than its opening, which may be told late or twice.
      for (const { leg, pull, head } of event.opened)
        patch(run, leg, (old) => (old.pull === null ? withPull(mergedAt(old, pull, head), pull, head) : old))
      return
    case 'pulls.reported': {
      // A late answer may be older than what is known since; only a merge never gets old.
      const wait = currentWait(run)
      const current = wait?.for === 'effect' && wait.effect === event.effect
      for (const { leg, pull, head } of event.pulls) {
        if (current || pull.state === 'merged') patch(run, leg, (old) => withPull(moved(old, head), pull, head))
      }
      return
    }
    case 'reviews.reported': {
      const wait = currentWait(run)
      const current = wait?.for === 'effect' && wait.effect === event.effect
      for (const { leg, pull, head } of event.legs) {
        if (current || pull.state === 'merged') patch(run, leg, (old) => withPull(moved(old, head), pull, head))
      }
      return
    }
    case 'cleaned.up':
      for (const { leg, pull, head } of event.pulls) patch(run, leg, (old) => withPull(mergedAt(old, pull, head), pull, head))
      return
    case 'reverts.opened':
      for (const { leg, pull } of event.opened) patch(run, leg, (old) => ({ ...old, revert: old.revert ?? pull }))
      return
    case 'pull.changed': {
      // While a job works on the branch, its checkpoints move the head; the job's own result says where it ends.
      const working = awaitedJobs(currentWait(run)).length > 0 && event.pull.state !== 'merged'
      patch(run, event.leg, (old) => {
        const seen = withPull(working ? old : moved(old, event.head), event.pull, event.head)
        return event.base === undefined || seen.mergedSha !== null ? seen : { ...seen, baseBranch: event.base }
      })
      return
    }
    case 'pull.merged':
      patch(run, event.leg, (old) => ({ ...withPull(old, event.pull, event.head), mergedSha: event.head }))
      return
    case 'follow-ups.noticed':
      takeNoticed(run, event.followUps)
      return
    case 'follow-up.filed':
      takeFiled(run, event)
      return
    case 'repository.renamed':
      renamed(run, event)
      return
    default:
      return
  }
}

/** Names follow the repository's id. Where nothing is pushed yet, the work begins on the new default branch. */
function renamed(run: Run, event: RunEventOf<'repository.renamed'>): void {
  const { repositoryId, repository, cloneUrl, defaultBranch, installationId } = event
  run.legs = run.legs.map((leg) => {
    if (leg.repositoryId !== repositoryId) return leg
    const follows = defaultBranch !== null && leg.pull === null && leg.head === null && leg.baseBranch === defaultBranch.from
    return { ...leg, repository, cloneUrl, baseBranch: follows ? defaultBranch.to : leg.baseBranch }
  })
  if (run.task.repositoryId !== repositoryId) return
  const url = run.task.url.replace(`/${run.task.repository}/`, `/${repository}/`)
  run.task = { ...run.task, repository, url, installationId }
}

/** A head that somebody pushed becomes the run's own (RUN-8); a merged leg's head is history. */
function moved(leg: Leg, head: HeadSha): Leg {
  return leg.mergedSha === null && leg.head !== null ? { ...leg, head } : leg
}

/**
 * A pull request that is found merged was merged at its own head. That of an open one may lag behind what was just pushed,
 * and is not taken over here.
 */
function mergedAt(leg: Leg, pull: PullRequest, head: HeadSha): Leg {
  return pull.state === 'merged' ? moved(leg, head) : leg
}

/** Takes over the heads of an accepted job result, also of one that failed: what is pushed is there. */
export function observeJob(run: Run, result: JobResult): void {
  for (const { key, base, head, ahead, changedFiles } of result.legs) {
    patch(run, key, (leg) => {
      // What the plan leaves out is not the run's, also where an earlier job left a branch there.
      if (leg.access === 'read' || !leg.planned || leg.dropped || leg.mergedSha !== null) return leg
      if (head === null || ahead === 0) return leg
      const changes = { head, ...measure(changedFiles, run.settings.protectedPaths) }
      return { ...leg, base, head, changedFiles: changedFiles.length, changes }
    })
  }
}

/** Sums usages; what neither side knows stays unknown. */
export function addUsage(a: Usage, b: Usage): Usage {
  const sum: Usage = { ...a }
  for (const key of ['inputTokens', 'outputTokens', 'cacheReadTokens', 'costUsd', 'turns', 'toolCalls'] as const) {
    const value = b[key]
    if (value !== undefined) sum[key] = (sum[key] ?? 0) + value
  }
  return sum
}
