/** What a test may look at, and the few things only an owner's settings page can change. */

import { commentsOf } from '../state/comments.ts'
import { listRefs } from '../state/git.ts'
import { latestRuns } from '../state/mergeability.ts'
import {
  type CheckRun,
  type CheckSuite,
  type Comment,
  type CommitStatus,
  type Deployment,
  fullName,
  type Issue,
  type MergeQueue,
  type Protection,
  type Repository,
} from '../state/model.ts'
import { findPull, type PullIssue, pullsOf } from '../state/pulls.ts'
import { findRepository, type GitRecord, type RequestRecord, type Violation, type World } from '../state/world.ts'
import type { Delivery } from '../webhooks/deliver.ts'

export interface Inspect {
  /** Full names, in the order of their making. */
  repositories(): string[]
  repository(name: string): Repository
  issue(repository: string, number: number): Issue
  issues(repository: string): Issue[]
  labels(repository: string, number: number): string[]
  comments(repository: string, number: number): Comment[]
  pulls(repository: string): PullIssue[]
  pull(repository: string, number: number): PullIssue
  /** Check runs of a head, newest of each App and name; `all` with those they replaced. */
  checks(repository: string, sha: string, which?: 'latest' | 'all'): CheckRun[]
  suites(repository: string, sha: string): CheckSuite[]
  statuses(repository: string, sha: string): CommitStatus[]
  /** Branch name to commit. */
  branches(repository: string): Promise<Record<string, string>>
  deliveries(): Delivery[]
  requests(): RequestRecord[]
  gitRequests(): GitRecord[]
  /** Requests that wrote, by operation (`POST /repos/{owner}/{repo}/issues`), only those answered below 400. */
  writes(): Record<string, number>
  writeCount(): number
  violations(): Violation[]
  /** Every installation token that was ever given and is kept, valid or not. */
  tokens(): string[]
  protect(repository: string, branch: string, protection: Partial<Protection> | null): void
  /** Has a ruleset require these checks on a branch; none takes the ruleset away. */
  requireByRuleset(repository: string, branch: string, checks: string[]): void
  /** Oldest first; with `sha`, only those of that commit. */
  deployments(repository: string, sha?: string): Deployment[]
  /** Gives a branch a merge queue, or takes it away. */
  queueMerges(repository: string, branch: string, method: MergeQueue['method'] | null): void
  /** Numbers of the pull requests that wait in a branch's merge queue, in its order. */
  queued(repository: string, branch: string): number[]
}

export function createInspect(world: World): Inspect {
  const repository = (name: string): Repository => {
    const found = findRepository(world, name)
    if (!found) throw new Error(`there is no repository ${name}`)
    return found
  }
  const issue = (name: string, number: number): Issue => {
    const found = repository(name).issues.get(number)
    if (!found) throw new Error(`there is no issue ${name}#${number}`)
    return found
  }
  const runs = (name: string, sha: string) => [...repository(name).checkRuns.values()].filter((run) => run.headSha === sha)
  const written = () => world.requests.filter((request) => request.write && request.status < 400)

  return {
    tokens: () => [...world.tokens.keys()],
    repositories: () => [...world.repositories.values()].map(fullName),
    repository,
    issue,
    issues: (name) => [...repository(name).issues.values()].filter((one) => one.pull === null),
    labels: (name, number) => [...issue(name, number).labels].map((label) => label.name),
    comments: (name, number) => commentsOf(repository(name), issue(name, number)),
    pulls: (name) => pullsOf(repository(name)),
    pull: (name, number) => findPull(repository(name), number),
    checks: (name, sha, which = 'latest') => (which === 'all' ? runs(name, sha) : latestRuns(runs(name, sha))),
    suites: (name, sha) => [...repository(name).checkSuites.values()].filter((suite) => suite.headSha === sha),
    statuses: (name, sha) => repository(name).statuses.filter((status) => status.sha === sha),
    branches: async (name) =>
      Object.fromEntries(
        (await listRefs(repository(name).dir, 'refs/heads')).map(({ ref, sha }) => [ref.slice('refs/heads/'.length), sha]),
      ),
    deliveries: () => world.deliveries,
    requests: () => world.requests,
    gitRequests: () => world.gitRequests,
    writes: () => {
      const counts: Record<string, number> = {}
      for (const { method, route } of written()) counts[`${method} ${route}`] = (counts[`${method} ${route}`] ?? 0) + 1
      return counts
    },
    writeCount: () => written().length,
    violations: () => world.violations,
    requireByRuleset: (name, branch, checks) => {
      const { rulesets } = repository(name)
      if (checks.length === 0) rulesets.delete(branch)
      else rulesets.set(branch, { id: world.nextId(), requiredChecks: checks })
      world.settle(repository(name))
    },
    deployments: (name, sha) =>
      [...repository(name).deployments.values()].filter((one) => sha === undefined || one.sha === sha),
    protect: (name, branch, protection) => {
      const { protections } = repository(name)
      if (protection === null) protections.delete(branch)
      else
        protections.set(branch, {
          requiredChecks: null,
          strict: false,
          requiredApprovals: 0,
          dismissStale: false,
          resolvedThreads: false,
          ...protection,
        })
      world.settle(repository(name))
    },
    queueMerges: (name, branch, method) => {
      const { mergeQueues } = repository(name)
      if (method === null) mergeQueues.delete(branch)
      else mergeQueues.set(branch, { id: world.nextId(), method, entries: [] })
    },
    queued: (name, branch) => (repository(name).mergeQueues.get(branch)?.entries ?? []).map(({ issue }) => issue.number),
  }
}
