/**
 * Merge queues: a pull request at a time is merged into a temporary branch, CI runs on that, and the base branch is moved
 * to it or the pull request put out. GitHub's groups of several are not made here.
 * https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue
 */
import { ApiError } from '../api-error.ts'
import { emit } from '../webhooks/emit.ts'
import { NO_COMMIT, readCommit, resolveCommit, updateRef } from './git.ts'
import { concludeMerge, mergeCommit } from './merge.ts'
import { blockedBy, knowMergeability, requiredChecks } from './mergeability.ts'
import type { Actor, MergeQueue, QueueEntry, Repository } from './model.ts'
import { emitPull } from './pull-events.ts'
import type { PullIssue } from './pulls.ts'
import { refsMoved } from './pushes.ts'
import { addAccount, timestamp, type World } from './world.ts'

const QUEUE_LOGIN = 'github-merge-queue[bot]'

/** As the published webhook lists them; those that can come about here. */
export type RemovalReason = 'MANUAL' | 'MERGE' | 'MERGE_CONFLICT' | 'CI_FAILURE' | 'UNKNOWN_REMOVAL_REASON'

export async function enqueue(
  world: World,
  repository: Repository,
  { issue, pull }: PullIssue,
  expectedHead: string | null,
  actor: Actor,
): Promise<QueueEntry> {
  await knowMergeability(world, repository, pull)
  const queue = repository.mergeQueues.get(pull.baseRef)
  if (!queue) throw new ApiError(422, 'Merge queue is not enabled for the base branch of this pull request')
  if (issue.state !== 'open') throw new ApiError(422, 'Pull request is closed')
  if (expectedHead !== null && expectedHead !== pull.headSha) throw new ApiError(422, 'Head branch was modified')
  if (queue.entries.some((entry) => entry.pull === pull)) throw new ApiError(422, 'Pull request is already in the merge queue')
  if (pull.draft) throw new ApiError(422, 'Pull request is in draft status')
  if (pull.mergeable === false) throw new ApiError(422, 'Pull request is in dirty status')
  const blocked = blockedBy(repository, issue, pull)
  if (blocked.length > 0) throw new ApiError(422, blocked.join(' '))
  const entry: QueueEntry = {
    id: world.nextId(),
    issue,
    pull,
    headSha: pull.headSha,
    enqueuer: actor,
    enqueuedAt: timestamp(world),
    group: null,
  }
  queue.entries.push(entry)
  emitPull(world, repository, issue, pull, 'enqueued', actor)
  world.settle(repository)
  return entry
}

/** Takes one out, whatever for; its temporary branch goes with it. */
export async function dequeue(
  world: World,
  repository: Repository,
  queue: MergeQueue,
  entry: QueueEntry,
  reason: RemovalReason,
  actor: Actor,
): Promise<void> {
  queue.entries = queue.entries.filter((one) => one !== entry)
  emitPull(world, repository, entry.issue, entry.pull, 'dequeued', actor, { reason })
  await dropGroup(world, repository, entry, reason === 'MERGE' ? 'merged' : 'dequeued')
}

/** Goes on with a branch's queue as far as it gets without waiting for CI. */
export async function advanceQueue(world: World, repository: Repository, branch: string, queue: MergeQueue): Promise<void> {
  const bot: Actor = { user: world.accounts.get(QUEUE_LOGIN) ?? addAccount(world, QUEUE_LOGIN, 'Bot'), app: null }
  for (const entry of queue.entries) {
    const { issue, pull, headSha } = entry
    if (issue.state === 'closed') await dequeue(world, repository, queue, entry, 'MANUAL', bot)
    else if (pull.headSha !== headSha) await dequeue(world, repository, queue, entry, 'UNKNOWN_REMOVAL_REASON', bot)
  }
  for (let [entry] = queue.entries; entry !== undefined; [entry] = queue.entries) {
    const group = await groupOf(world, repository, branch, queue, entry, bot)
    if (group === null) {
      await dequeue(world, repository, queue, entry, 'MERGE_CONFLICT', bot)
      continue
    }
    const states = requiredChecks(repository, branch, group.sha).map(({ state }) => state)
    if (states.includes('failed')) {
      await dequeue(world, repository, queue, entry, 'CI_FAILURE', bot)
      continue
    }
    if (states.includes('pending') || !(await mergeGroup(world, repository, entry, group, bot))) return
    await dequeue(world, repository, queue, entry, 'MERGE', bot)
  }
}

/** False when the base moved meanwhile: the next round makes a new temporary merge. */
async function mergeGroup(
  world: World,
  repository: Repository,
  { issue, pull, enqueuer }: QueueEntry,
  { sha, baseSha }: NonNullable<QueueEntry['group']>,
  bot: Actor,
): Promise<boolean> {
  if (!(await updateRef(repository.dir, `refs/heads/${pull.baseRef}`, sha, baseSha))) {
    world.settle(repository)
    return false
  }
  const actors = { actor: bot, asks: enqueuer }
  await concludeMerge(world, repository, { issue, pull }, { before: baseSha, sha }, actors)
  return true
}

/** The temporary merge of the first in line, made anew when the base moved; null where git cannot merge. */
async function groupOf(
  world: World,
  repository: Repository,
  branch: string,
  queue: MergeQueue,
  entry: QueueEntry,
  bot: Actor,
): Promise<QueueEntry['group']> {
  const baseSha = (await resolveCommit(repository.dir, `refs/heads/${branch}`)) ?? NO_COMMIT
  if (entry.group?.baseSha === baseSha) return entry.group
  await dropGroup(world, repository, entry, 'invalidated')
  const { issue, pull } = entry
  const sha = await mergeCommit(repository, { issue, pull }, baseSha, queue.method, {}, entry.enqueuer)
  if (sha === null) return null
  const ref = `refs/heads/gh-readonly-queue/${branch}/pr-${issue.number}-${baseSha}`
  await updateRef(repository.dir, ref, sha, NO_COMMIT)
  entry.group = { ref, sha, baseSha }
  await emitGroup(world, repository, entry, 'checks_requested')
  await refsMoved(world, repository, [{ ref, before: NO_COMMIT, after: sha }], bot)
  return entry.group
}

async function dropGroup(
  world: World,
  repository: Repository,
  entry: QueueEntry,
  reason: 'merged' | 'invalidated' | 'dequeued',
): Promise<void> {
  const { group } = entry
  if (group === null) return
  await emitGroup(world, repository, entry, 'destroyed', { reason })
  entry.group = null
  await updateRef(repository.dir, group.ref, NO_COMMIT, group.sha)
  await refsMoved(world, repository, [{ ref: group.ref, before: group.sha, after: NO_COMMIT }], entry.enqueuer)
}

async function emitGroup(
  world: World,
  repository: Repository,
  { group, pull, enqueuer }: QueueEntry,
  action: string,
  more: Record<string, unknown> = {},
): Promise<void> {
  if (group === null) return
  const { tree, message, author, committer } = await readCommit(repository.dir, group.sha)
  const who = ({ name, email }: { name: string; email: string }) => ({ name, email })
  const head_commit = {
    id: group.sha,
    tree_id: tree,
    message,
    timestamp: committer.date,
    author: who(author),
    committer: who(committer),
  }
  const merge_group = {
    head_sha: group.sha,
    head_ref: group.ref,
    base_sha: group.baseSha,
    base_ref: `refs/heads/${pull.baseRef}`,
    head_commit,
  }
  emit(world, repository, 'merge_group', action, enqueuer, { merge_group, ...more })
}
