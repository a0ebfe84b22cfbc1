/** Auto-merge. https://docs.github.com/graphql/reference/mutations#enablepullrequestautomerge */
import { ApiError } from '../api-error.ts'
import { mergePull } from './merge.ts'
import { enqueue } from './merge-queue.ts'
import { blockedBy, knowMergeability, mergeableState } from './mergeability.ts'
import type { Actor, AutoMerge, Repository } from './model.ts'
import { emitPull } from './pull-events.ts'
import type { PullIssue } from './pulls.ts'
import { timestamp, type World } from './world.ts'

export interface AutoMergeInput {
  method: AutoMerge['method']
  expectedHead: string | null
  title: string | null
  message: string | null
}

/** Refused, as on GitHub, where nothing would have to be waited for. */
export async function enableAutoMerge(
  world: World,
  repository: Repository,
  one: PullIssue,
  input: AutoMergeInput,
  actor: Actor,
): Promise<void> {
  const { issue, pull } = one
  const refuse = (why: string) => new ApiError(422, `Pull request ${why}`)
  if (!repository.allowAutoMerge) throw refuse('Auto merge is not allowed for this repository')
  if (issue.state !== 'open') throw refuse('Pull request is closed')
  if (!repository.protections.has(pull.baseRef) && !repository.mergeQueues.has(pull.baseRef)) {
    throw refuse('Protected branch rules not configured for this branch')
  }
  await knowMergeability(world, repository, pull)
  const state = await mergeableState(repository, issue, pull)
  // No await from here on: a push must not come between the look and the deed.
  if (input.expectedHead !== null && input.expectedHead !== pull.headSha) throw refuse('Head branch was modified')
  if (pull.autoMerge !== null) throw refuse('Auto merge is already enabled')
  if (state !== 'blocked' && state !== 'behind') throw refuse(`Pull request is in ${state} status`)
  const { method, title, message } = input
  pull.autoMerge = { enabledBy: actor, method, title, message, at: timestamp(world) }
  emitPull(world, repository, issue, pull, 'auto_merge_enabled', actor)
  world.settle(repository)
}

export function disableAutoMerge(
  world: World,
  repository: Repository,
  { issue, pull }: PullIssue,
  reason: string,
  actor: Actor,
): void {
  if (pull.autoMerge === null) throw new ApiError(422, 'Pull request Auto merge is not enabled')
  pull.autoMerge = null
  emitPull(world, repository, issue, pull, 'auto_merge_disabled', actor, { reason })
}

/** Merges, or puts into the queue, what was waiting for its rules and has them met. */
export async function settleAutoMerge(world: World, repository: Repository, one: PullIssue): Promise<void> {
  const { issue, pull } = one
  const { autoMerge } = pull
  if (autoMerge === null || pull.merged) return
  if (issue.state === 'closed') {
    disableAutoMerge(world, repository, one, 'Pull request was closed', autoMerge.enabledBy)
    return
  }
  await knowMergeability(world, repository, pull)
  const state = await mergeableState(repository, issue, pull)
  if (state !== 'clean' && state !== 'unstable') return
  if (blockedBy(repository, issue, pull).length > 0) return
  if (repository.mergeQueues.has(pull.baseRef)) {
    pull.autoMerge = null
    await enqueue(world, repository, one, null, autoMerge.enabledBy)
    return
  }
  const { method, title, message, enabledBy } = autoMerge
  const input = { sha: pull.headSha, method, title: title ?? undefined, message: message ?? undefined }
  await mergePull(world, repository, one, input, enabledBy)
}
