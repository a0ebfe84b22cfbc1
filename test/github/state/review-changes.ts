/** What becomes of a review after it was given: dismissed, reworded, overtaken by a push. */
import { ApiError, notFound } from '../api-error.ts'
import { reviewJson, simplePullJson } from '../render/pulls.ts'
import { emit } from '../webhooks/emit.ts'
import { listTree, readBlob } from './git.ts'
import type { Actor, Repository, Review } from './model.ts'
import type { PullIssue } from './pulls.ts'
import type { World } from './world.ts'

export function findReview({ pull }: PullIssue, id: number): Review {
  const review = pull.reviews.find((one) => one.id === id)
  if (!review) throw notFound()
  return review
}

/** Takes the weight from an approval or a request for changes. */
export function dismissReview(world: World, repository: Repository, one: PullIssue, review: Review, actor: Actor): void {
  if (review.state !== 'APPROVED' && review.state !== 'CHANGES_REQUESTED') {
    throw new ApiError(422, 'Unprocessable Entity: Can not dismiss a commented pull request review')
  }
  review.state = 'DISMISSED'
  emitReview(world, repository, one, review, 'dismissed', actor)
  world.settle(repository)
}

export function editReview(
  world: World,
  repository: Repository,
  one: PullIssue,
  review: Review,
  body: string,
  actor: Actor,
): void {
  const from = review.body
  review.body = body
  emitReview(world, repository, one, review, 'edited', actor, { changes: { body: { from } } })
}

export function emitReview(
  world: World,
  repository: Repository,
  { issue, pull }: PullIssue,
  review: Review,
  action: string,
  actor: Actor,
  more: Record<string, unknown> = {},
): void {
  emit(world, repository, 'pull_request_review', action, actor, {
    review: { ...reviewJson(world, repository, issue, review), state: review.state.toLowerCase() },
    pull_request: simplePullJson(world, repository, issue, pull),
    ...more,
  })
}

/** A push makes conversations about lines that are gone outdated, and takes approvals back where the branch says so. */
export async function reviewsAfterPush(world: World, repository: Repository, one: PullIssue, actor: Actor): Promise<void> {
  const { pull } = one
  for (const thread of pull.threads) {
    const first = thread.comments[0]
    if (first === undefined || thread.outdated) continue
    const was = (await linesAt(repository, first.commitId, first.path))[first.line - 1]
    const now = await linesAt(repository, pull.headSha, first.path)
    thread.outdated = was === undefined || !now.includes(was)
  }
  if (!repository.protections.get(pull.baseRef)?.dismissStale) return
  for (const review of pull.reviews) {
    if (review.state === 'APPROVED') dismissReview(world, repository, one, review, actor)
  }
}

async function linesAt({ dir }: Repository, commit: string, path: string): Promise<string[]> {
  const [entry] = await listTree(dir, commit, path)
  return entry?.type === 'blob' ? (await readBlob(dir, entry.sha)).toString('utf8').split('\n') : []
}
