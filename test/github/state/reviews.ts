/** Reviews of pull requests, their comments and threads. */
import { ApiError, invalid, notFound } from '../api-error.ts'
import { reviewCommentJson, simplePullJson } from '../render/pulls.ts'
import { emit } from '../webhooks/emit.ts'
import { diffFiles, mergeBase } from './git.ts'
import type { Actor, Repository, Review, ReviewComment, ReviewState, Thread } from './model.ts'
import { nodeId } from './model.ts'
import { type PullIssue, pullsOf } from './pulls.ts'
import { emitReview } from './review-changes.ts'
import { timestamp, type World } from './world.ts'

export type ReviewEvent = 'APPROVE' | 'REQUEST_CHANGES' | 'COMMENT'
const STATE: Record<ReviewEvent, ReviewState> = {
  APPROVE: 'APPROVED',
  REQUEST_CHANGES: 'CHANGES_REQUESTED',
  COMMENT: 'COMMENTED',
}

export interface NewReviewComment {
  path: string
  body: string
  line?: number | undefined
  side?: 'LEFT' | 'RIGHT' | undefined
}

export interface NewReview {
  event: ReviewEvent
  body?: string | undefined
  commitId?: string | undefined
  comments?: NewReviewComment[] | undefined
}

export async function submitReview(
  world: World,
  repository: Repository,
  one: PullIssue,
  input: NewReview,
  actor: Actor,
): Promise<Review> {
  const { issue, pull } = one
  const own = issue.author.user.id === actor.user.id
  if (own && input.event !== 'COMMENT') {
    const verb = input.event === 'APPROVE' ? 'approve' : 'request changes on'
    throw new ApiError(422, `Unprocessable Entity: Can not ${verb} your own pull request`)
  }
  if (input.event !== 'APPROVE' && !input.body && !input.comments?.length)
    throw invalid('PullRequestReview', 'body', 'missing_field')
  const review: Review = {
    id: world.nextId(),
    author: actor,
    body: input.body ?? '',
    state: STATE[input.event],
    commitId: input.commitId ?? pull.headSha,
    submittedAt: timestamp(world),
  }
  const hunks = input.comments?.length ? await hunksOf(repository, one) : new Map<string, string>()
  pull.reviews.push(review)
  pull.requestedReviewers = pull.requestedReviewers.filter((reviewer) => reviewer.id !== actor.user.id)
  emitReview(world, repository, one, review, 'submitted', actor)
  for (const comment of input.comments ?? []) {
    addComment(world, repository, one, { ...comment, review, hunk: hunks.get(comment.path) ?? '', thread: null }, actor)
  }
  world.settle(repository)
  return review
}

/** One comment outside a review makes a review of its own, as on GitHub. */
export async function commentOnPull(
  world: World,
  repository: Repository,
  one: PullIssue,
  input: NewReviewComment,
  actor: Actor,
): Promise<ReviewComment> {
  const hunks = await hunksOf(repository, one)
  return addComment(world, repository, one, { ...input, review: null, hunk: hunks.get(input.path) ?? '', thread: null }, actor)
}

export function reply(
  world: World,
  repository: Repository,
  one: PullIssue,
  commentId: number,
  body: string,
  actor: Actor,
): ReviewComment {
  const thread = one.pull.threads.find(({ comments }) => comments.some((comment) => comment.id === commentId))
  const first = thread?.comments[0]
  if (!thread || !first) throw notFound()
  const input = { path: first.path, line: first.line, side: first.side, body, review: null, hunk: first.diffHunk, thread }
  return addComment(world, repository, one, input, actor)
}

function addComment(
  world: World,
  repository: Repository,
  { issue, pull }: PullIssue,
  input: NewReviewComment & { review: Review | null; hunk: string; thread: Thread | null },
  actor: Actor,
): ReviewComment {
  const at = timestamp(world)
  const review = input.review ?? makeReview(world, pull.headSha, actor)
  if (input.review === null) pull.reviews.push(review)
  const comment: ReviewComment = {
    id: world.nextId(),
    reviewId: review.id,
    author: actor,
    body: input.body,
    path: input.path,
    line: input.line ?? 1,
    side: input.side ?? 'RIGHT',
    commitId: pull.headSha,
    diffHunk: input.hunk,
    inReplyTo: input.thread?.comments[0]?.id ?? null,
    reactions: [],
    createdAt: at,
    updatedAt: at,
  }
  if (input.thread) input.thread.comments.push(comment)
  else pull.threads.push({ id: world.nextId(), resolved: false, resolvedBy: null, outdated: false, comments: [comment] })
  issue.updatedAt = at
  emit(world, repository, 'pull_request_review_comment', 'created', actor, {
    comment: reviewCommentJson(world, repository, issue, comment),
    pull_request: simplePullJson(world, repository, issue, pull),
  })
  return comment
}

function makeReview(world: World, commitId: string, author: Actor): Review {
  return { id: world.nextId(), author, body: '', state: 'COMMENTED', commitId, submittedAt: timestamp(world) }
}

async function hunksOf(repository: Repository, { pull }: PullIssue): Promise<Map<string, string>> {
  const from = (await mergeBase(repository.dir, pull.baseSha, pull.headSha)) ?? pull.baseSha
  return new Map((await diffFiles(repository.dir, from, pull.headSha)).map((file) => [file.path, file.patch]))
}

export function setResolved(
  world: World,
  repository: Repository,
  one: PullIssue,
  thread: Thread,
  resolved: boolean,
  actor: Actor,
): void {
  if (thread.resolved === resolved) return
  thread.resolved = resolved
  thread.resolvedBy = resolved ? actor.user : null
  emit(world, repository, 'pull_request_review_thread', resolved ? 'resolved' : 'unresolved', actor, {
    pull_request: simplePullJson(world, repository, one.issue, one.pull),
    thread: {
      node_id: nodeId('PRRT', thread.id),
      comments: thread.comments.map((comment) => reviewCommentJson(world, repository, one.issue, comment)),
    },
  })
  world.settle(repository)
}

export function findThread(repository: Repository, id: number): { one: PullIssue; thread: Thread } | null {
  for (const one of pullsOf(repository)) {
    const thread = one.pull.threads.find((candidate) => candidate.id === id)
    if (thread) return { one, thread }
  }
  return null
}
