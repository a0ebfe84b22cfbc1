/** What a test may look at, and the few things only an owner's settings page can change. */

import { commentsOf } from '../state/comments.ts'
import { listRefs } from '../state/git.ts'
import { latestRuns } from '../state/mergeability.ts'
import {
  type CheckRun,
  type CheckSuite,
  type Comment,
  type CommitStatus,
  fullName,
  type Issue,
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
  protect(repository: string, branch: string, protection: Partial<Protection> | null): void
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
    protect: (name, branch, protection) => {
      const { protections } = repository(name)
      if (protection === null) protections.delete(branch)
      else protections.set(branch, { requiredChecks: null, strict: false, requiredApprovals: 0, ...protection })
    },
  }
}
