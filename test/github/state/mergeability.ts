/**
 * Whether a pull request can be merged, as GitHub says it: not known at first, worked out by git after somebody asked,
 * forgotten when head or base move. https://docs.github.com/rest/pulls/pulls#get-a-pull-request
 */
import { isAncestor, mergeTree } from './git.ts'
import type { Actor, CheckRun, Issue, Pull, Repository, Review } from './model.ts'
import { hasRole } from './roles.ts'
import type { World } from './world.ts'

export type MergeableState = 'unknown' | 'dirty' | 'draft' | 'blocked' | 'behind' | 'unstable' | 'clean'

export function forgetMergeability(pull: Pull): void {
  pull.mergeable = null
  pull.generation += 1
}

/** Starts working it out, unless that is known or under way. Ends when it is known. */
export async function computeMergeability(world: World, repository: Repository, pull: Pull): Promise<void> {
  if (pull.mergeable !== null || pull.computing || pull.merged) return
  pull.computing = true
  try {
    while (pull.mergeable === null) {
      const { generation, baseSha, headSha } = pull
      const tree = await world.activity.track(mergeTree(repository.dir, baseSha, headSha))
      if (pull.generation === generation) pull.mergeable = tree !== null
    }
  } finally {
    pull.computing = false
  }
}

/** Works it out, or waits for whoever does already. */
export async function knowMergeability(world: World, repository: Repository, pull: Pull): Promise<void> {
  await computeMergeability(world, repository, pull)
  while (pull.computing) await new Promise((resolve) => setImmediate(resolve))
}

export async function mergeableState(repository: Repository, issue: Issue, pull: Pull): Promise<MergeableState> {
  if (pull.mergeable === null || issue.state === 'closed') return 'unknown'
  if (!pull.mergeable) return 'dirty'
  if (pull.draft) return 'draft'
  if (blockedBy(repository, issue, pull).length > 0) return 'blocked'
  const protection = repository.protections.get(pull.baseRef)
  if (protection?.strict && !(await isAncestor(repository.dir, pull.baseSha, pull.headSha))) return 'behind'
  return checksOf(repository, pull.headSha).every(({ state }) => state === 'passed') ? 'clean' : 'unstable'
}

/** What branch protection still wants, in words. */
export function blockedBy(repository: Repository, issue: Issue, pull: Pull): string[] {
  const missing = requiredChecks(repository, pull.baseRef, pull.headSha).flatMap(({ name, state }) =>
    state === 'passed' ? [] : [`Required status check "${name}" is ${state === 'failed' ? 'failing' : 'expected'}.`],
  )
  const protection = repository.protections.get(pull.baseRef)
  if (!protection) return missing
  const reviews = opinions(issue, pull).filter(({ author }) => mayWrite(repository, author))
  const approvals = reviews.filter(({ state }) => state === 'APPROVED').length
  if (approvals < protection.requiredApprovals) {
    missing.push(`At least ${protection.requiredApprovals} approving review is required by reviewers with write access.`)
  }
  if (protection.requiredApprovals > 0 && reviews.some(({ state }) => state === 'CHANGES_REQUESTED')) {
    missing.push('Changes were requested.')
  }
  if (protection.resolvedThreads && pull.threads.some(({ resolved }) => !resolved)) {
    missing.push('A conversation must be resolved before this pull request can be merged.')
  }
  return missing
}

/** How the checks stand that a branch requires, by its protection or by a ruleset, at a commit. */
export function requiredChecks(repository: Repository, branch: string, sha: string): CheckState[] {
  const checks = checksOf(repository, sha)
  const names = [repository.protections.get(branch), repository.rulesets.get(branch)].flatMap(
    (rules) => rules?.requiredChecks ?? [],
  )
  return [...new Set(names)].map((name) => checks.find((check) => check.name === name) ?? { name, state: 'pending' })
}

/** Where each reviewer stands: the newest review of each that is more than a comment. */
export function opinions(issue: Issue, pull: Pull): Review[] {
  const latest = new Map<number, Review>()
  for (const review of pull.reviews) {
    if (review.state === 'COMMENTED' || review.author.user.id === issue.author.user.id) continue
    latest.delete(review.author.user.id)
    latest.set(review.author.user.id, review)
  }
  return [...latest.values()]
}

function mayWrite(repository: Repository, { user, app }: Actor): boolean {
  return app !== null || hasRole(repository, user.login, 'write')
}

export interface CheckState {
  name: string
  state: 'passed' | 'failed' | 'pending'
}

/** The newest check run of each App and name, and the newest status of each context. */
export function checksOf(repository: Repository, sha: string): CheckState[] {
  const runs = latestRuns([...repository.checkRuns.values()].filter((run) => run.headSha === sha)).map((run): CheckState => {
    if (run.status !== 'completed') return { name: run.name, state: 'pending' }
    const passed = run.conclusion === 'success' || run.conclusion === 'neutral' || run.conclusion === 'skipped'
    return { name: run.name, state: passed ? 'passed' : 'failed' }
  })
  const statuses = new Map(repository.statuses.filter((one) => one.sha === sha).map((one) => [one.context, one.state]))
  const contexts = [...statuses].map(([name, state]): CheckState => {
    return { name, state: state === 'success' ? 'passed' : state === 'pending' ? 'pending' : 'failed' }
  })
  return [...runs, ...contexts]
}

export function latestRuns(runs: CheckRun[]): CheckRun[] {
  const latest = new Map<string, CheckRun>()
  for (const run of runs) latest.set(`${run.suite.app.id} ${run.name}`, run)
  return [...latest.values()].sort((a, b) => b.id - a.id)
}
