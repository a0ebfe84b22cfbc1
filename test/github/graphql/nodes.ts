/** State as GitHub's GraphQL objects. https://docs.github.com/graphql/reference/objects */
import { repositoryPage } from '../render/repositories.ts'
import { blockedBy, mergeableState, opinions } from '../state/mergeability.ts'
import { type Actor, nodeId, type QueueEntry, type Repository, type Review, type Thread } from '../state/model.ts'
import type { PullIssue } from '../state/pulls.ts'
import type { World } from '../state/world.ts'
import { connection } from './select.ts'

const STATES = {
  unknown: 'UNKNOWN',
  dirty: 'DIRTY',
  draft: 'DRAFT',
  blocked: 'BLOCKED',
  behind: 'BEHIND',
  unstable: 'UNSTABLE',
  clean: 'CLEAN',
}

export function pullNode(world: World, repository: Repository, { issue, pull }: PullIssue) {
  const queue = repository.mergeQueues.get(pull.baseRef)
  const entry = queue?.entries.find((one) => one.pull === pull)
  return {
    __typename: 'PullRequest',
    id: nodeId('PR', issue.id),
    number: issue.number,
    url: `${repositoryPage(world, repository)}/pull/${issue.number}`,
    title: issue.title,
    body: issue.body ?? '',
    isDraft: pull.draft,
    state: pull.merged ? 'MERGED' : issue.state.toUpperCase(),
    headRefOid: pull.headSha,
    headRefName: pull.headRef,
    baseRefOid: pull.baseSha,
    baseRefName: pull.baseRef,
    mergeable: pull.mergeable === null ? 'UNKNOWN' : pull.mergeable ? 'MERGEABLE' : 'CONFLICTING',
    mergeStateStatus: async () => STATES[await mergeableState(repository, issue, pull)],
    merged: pull.merged !== null,
    mergedAt: pull.merged?.at ?? null,
    mergeCommit: pull.merged ? { oid: pull.merged.sha } : null,
    reviewDecision: reviewDecision(repository, { issue, pull }),
    autoMergeRequest: pull.autoMerge
      ? {
          enabledAt: pull.autoMerge.at,
          enabledBy: actorNode(pull.autoMerge.enabledBy),
          mergeMethod: pull.autoMerge.method.toUpperCase(),
        }
      : null,
    isMergeQueueEnabled: queue !== undefined,
    isInMergeQueue: entry !== undefined,
    mergeQueueEntry: entry ? entryNode(repository, entry) : null,
    reviews: connection('reviews', pull.reviews, reviewNode),
    latestOpinionatedReviews: connection('latestOpinionatedReviews', opinions(issue, pull), reviewNode),
    reviewThreads: connection('reviewThreads', pull.threads, threadNode),
  }
}

/** Null where no rule asks for reviews. */
function reviewDecision(repository: Repository, { issue, pull }: PullIssue): string | null {
  const needed = repository.protections.get(pull.baseRef)?.requiredApprovals ?? 0
  if (needed === 0) return null
  const states = opinions(issue, pull).map(({ state }) => state)
  if (states.includes('CHANGES_REQUESTED')) return 'CHANGES_REQUESTED'
  const open = blockedBy(repository, issue, pull).some((why) => why.startsWith('At least '))
  return open ? 'REVIEW_REQUIRED' : 'APPROVED'
}

export function entryNode(repository: Repository, entry: QueueEntry) {
  const entries = repository.mergeQueues.get(entry.pull.baseRef)?.entries ?? []
  return {
    id: nodeId('MQE', entry.id),
    position: entries.indexOf(entry) + 1,
    state: entry.group === null ? 'QUEUED' : 'AWAITING_CHECKS',
    enqueuedAt: entry.enqueuedAt,
    enqueuer: actorNode(entry.enqueuer),
    headCommit: entry.group === null ? null : { oid: entry.group.sha },
    baseCommit: entry.group === null ? null : { oid: entry.group.baseSha },
  }
}

export function reviewNode(review: Review) {
  return {
    id: nodeId('PRR', review.id),
    databaseId: review.id,
    body: review.body,
    state: review.state,
    author: actorNode(review.author),
    submittedAt: review.submittedAt,
    commit: { oid: review.commitId },
  }
}

export function threadNode(thread: Thread) {
  const first = thread.comments[0]
  return {
    id: nodeId('PRRT', thread.id),
    isResolved: thread.resolved,
    isOutdated: thread.outdated,
    path: first?.path ?? '',
    line: thread.outdated ? null : (first?.line ?? null),
    originalLine: first?.line ?? null,
    resolvedBy: thread.resolvedBy ? { login: thread.resolvedBy.login } : null,
    comments: connection('comments', thread.comments, commentNode),
  }
}

export function commentNode(comment: Thread['comments'][number]) {
  return {
    id: nodeId('PRRC', comment.id),
    databaseId: comment.id,
    body: comment.body,
    path: comment.path,
    line: comment.line,
    createdAt: comment.createdAt,
    author: actorNode(comment.author),
  }
}

/** GraphQL's `Actor`: a bot's login is without `[bot]`. */
function actorNode({ user }: Actor) {
  return {
    __typename: user.type,
    login: user.login.replace(/\[bot\]$/, ''),
    databaseId: user.id,
  }
}
