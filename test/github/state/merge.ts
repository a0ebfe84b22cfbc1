/** Merges a pull request in git. https://docs.github.com/rest/pulls/pulls#merge-a-pull-request */
import { ApiError } from '../api-error.ts'
import {
  commitTree,
  type Identity,
  isAncestor,
  listCommits,
  mergeTree,
  NO_COMMIT,
  readCommit,
  rebase,
  resolveCommit,
  updateRef,
} from './git.ts'
import { allows, covers } from './grants.ts'
import { setIssueState } from './issues.ts'
import { blockedBy } from './mergeability.ts'
import type { Actor, Repository } from './model.ts'
import type { PullIssue } from './pulls.ts'
import { refsMoved } from './pushes.ts'
import { hasRole } from './roles.ts'
import { findRepository, timestamp, type World } from './world.ts'

export interface MergeInput {
  sha?: string | undefined
  method?: 'merge' | 'squash' | 'rebase' | undefined
  title?: string | undefined
  message?: string | undefined
}

const WEB_COMMITTER: Identity = { name: 'GitHub', email: 'noreply@github.com' }
const NOT_MERGEABLE = 'Pull Request is not mergeable'

export function identityOf(actor: Actor): Identity {
  const { login, id } = actor.user
  return { name: login, email: `${id}+${login}@users.noreply.github.com` }
}

/** The merge commit's sha. 405 when it cannot be merged as it is, 409 when head is not the one expected. */
export async function mergePull(
  world: World,
  repository: Repository,
  { issue, pull }: PullIssue,
  input: MergeInput,
  actor: Actor,
): Promise<string> {
  const method = input.method ?? 'merge'
  if (issue.state !== 'open' || pull.merged) throw new ApiError(405, NOT_MERGEABLE)
  if (input.sha !== undefined && input.sha !== pull.headSha) {
    throw new ApiError(409, 'Head branch was modified. Review and try the merge again.')
  }
  if (pull.draft) throw new ApiError(405, 'Pull Request is still a draft')
  if (repository.mergeQueues.has(pull.baseRef)) {
    throw new ApiError(405, 'Repository rule violations found\n\nChanges must be made through the merge queue')
  }
  if (!repository.mergeMethods[method]) {
    const name = { merge: 'Merge commits', squash: 'Squash merges', rebase: 'Rebase merges' }[method]
    throw new ApiError(405, `${name} are not allowed on this repository.`)
  }
  const blocked = blockedBy(repository, issue, pull)
  if (blocked.length > 0) throw new ApiError(405, blocked.join(' '))

  const ref = `refs/heads/${pull.baseRef}`
  const head = pull.headSha
  const base = (await resolveCommit(repository.dir, ref)) ?? NO_COMMIT
  if (repository.protections.get(pull.baseRef)?.strict && !(await isAncestor(repository.dir, base, head))) {
    throw new ApiError(405, 'The head branch is not up to date with the base branch.')
  }
  const merged = await mergeCommit(repository, { issue, pull }, base, method, input, actor)
  if (merged === null) throw new ApiError(405, NOT_MERGEABLE)
  if (pull.headSha !== head || pull.merged) throw new ApiError(409, 'Head branch was modified. Review and try the merge again.')
  if (!(await updateRef(repository.dir, ref, merged, base))) {
    throw new ApiError(405, 'Base branch was modified. Review and try the merge again.')
  }
  await concludeMerge(world, repository, { issue, pull }, { before: base, sha: merged }, { actor, asks: actor })
  return merged
}

/** What follows once the base branch is at the merge. `asks`: with whose rights issues are closed. */
export async function concludeMerge(
  world: World,
  repository: Repository,
  { issue, pull }: PullIssue,
  { before, sha }: { before: string; sha: string },
  { actor, asks }: { actor: Actor; asks: Actor },
): Promise<void> {
  pull.merged = { at: timestamp(world), by: actor.user, sha, before }
  pull.mergeable = null
  setIssueState(world, repository, issue, 'closed', null, actor)
  if (pull.baseRef === repository.defaultBranch) closeMentioned(world, repository, issue.body ?? '', asks)
  await refsMoved(world, repository, [{ ref: `refs/heads/${pull.baseRef}`, before, after: sha }], actor)
  if (repository.deleteBranchOnMerge && pull.fork === null) await deleteBranch(world, repository, pull.headRef, actor)
}

/** The commit that merging makes, on no branch yet; null where git cannot. */
export async function mergeCommit(
  repository: Repository,
  { issue, pull }: PullIssue,
  base: string,
  method: 'merge' | 'squash' | 'rebase',
  input: MergeInput,
  actor: Actor,
): Promise<string | null> {
  const { dir } = repository
  const author = identityOf(actor)
  if (method === 'rebase') return rebase(dir, base, pull.headSha, WEB_COMMITTER)
  const tree = await mergeTree(dir, base, pull.headSha)
  if (tree === null) return null
  const title =
    input.title ??
    (method === 'squash'
      ? `${issue.title} (#${issue.number})`
      : `Merge pull request #${issue.number} from ${repository.owner.login}/${pull.headRef}`)
  const body = input.message ?? (method === 'squash' ? await squashMessage(dir, base, pull.headSha) : issue.title)
  const parents = method === 'squash' ? [base] : [base, pull.headSha]
  return commitTree(dir, { tree, parents, message: `${title}\n\n${body}`, author, committer: WEB_COMMITTER })
}

async function squashMessage(dir: string, base: string, head: string): Promise<string> {
  const messages = []
  for (const sha of await listCommits(dir, base, head)) messages.push(`* ${(await readCommit(dir, sha)).message}`)
  return messages.join('\n\n')
}

const CLOSING = /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):? +(?:([\w.-]+\/[\w.-]+))?#(\d+)/gi

/** `Closes #12` or `Closes owner/name#12` in the body closes that issue, where whoever merges may write. */
function closeMentioned(world: World, repository: Repository, body: string, actor: Actor): void {
  for (const [, name, number] of body.matchAll(CLOSING)) {
    const target = name === undefined ? repository : findRepository(world, name)
    const issue = target?.issues.get(Number(number))
    if (!target || !issue || issue.pull || !mayClose(world, target, actor)) continue
    setIssueState(world, target, issue, 'closed', 'completed', actor)
  }
}

function mayClose(world: World, repository: Repository, actor: Actor): boolean {
  if (actor.app === null) return hasRole(repository, actor.user.login, 'write')
  return [...world.installations.values()].some(
    (one) => one.app === actor.app && covers(one, repository) && allows(one.permissions, 'issues', 'write'),
  )
}

export async function deleteBranch(world: World, repository: Repository, branch: string, actor: Actor): Promise<boolean> {
  const ref = `refs/heads/${branch}`
  const before = await resolveCommit(repository.dir, ref)
  if (before === null || !(await updateRef(repository.dir, ref, NO_COMMIT, before))) return false
  await refsMoved(world, repository, [{ ref, before, after: NO_COMMIT }], actor)
  return true
}
