import { ApiError, notFound } from '../api-error.ts'
import { reactionJson } from '../render/issues.ts'
import { reviewCommentJson, reviewJson } from '../render/pulls.ts'
import { react } from '../state/issues.ts'
import { pullsOf } from '../state/pulls.ts'
import { dismissReview, findReview } from '../state/review-changes.ts'
import { commentOnPull, type NewReviewComment, reply, submitReview } from '../state/reviews.ts'
import { actorOf } from './actor.ts'
import { integer, optionalChoice, optionalList, optionalNumber, optionalText, text } from './input.ts'
import { page } from './paging.ts'
import { pullOf } from './pulls.ts'
import { ok, type RepositoryCall, type Route, repositoryRoute } from './registry.ts'

const READ = 'pull_requests:read'
const WRITE = 'pull_requests:write'

/** https://docs.github.com/rest/pulls/reviews and https://docs.github.com/rest/pulls/comments */
export const reviewRoutes: Route[] = [
  repositoryRoute('GET', '/pulls/{pull_number}/reviews', READ, (call) => {
    const { issue, pull } = pullOf(call)
    return page(call, pull.reviews, (review) => reviewJson(call.world, call.repository, issue, review))
  }),
  repositoryRoute('POST', '/pulls/{pull_number}/reviews', WRITE, async (call) => {
    const { world, repository, body } = call
    const event = optionalChoice(body, 'event', ['APPROVE', 'REQUEST_CHANGES', 'COMMENT'])
    if (event === undefined) throw new ApiError(422, 'Pending reviews are not kept by the local GitHub: give an event.')
    const one = pullOf(call)
    const comments = optionalList(body, 'comments')?.map(commentInput)
    const input = { event, body: optionalText(body, 'body'), commitId: optionalText(body, 'commit_id'), comments }
    const review = await submitReview(world, repository, one, input, actorOf(call))
    return ok(reviewJson(world, repository, one.issue, review))
  }),
  repositoryRoute('PUT', '/pulls/{pull_number}/reviews/{review_id}/dismissals', WRITE, (call) => {
    const { world, repository, body } = call
    const one = pullOf(call)
    const review = findReview(one, integer(call.params.review_id))
    text(body, 'message')
    dismissReview(world, repository, one, review, actorOf(call))
    return ok(reviewJson(world, repository, one.issue, review))
  }),
  repositoryRoute('GET', '/pulls/{pull_number}/comments', READ, (call) => {
    const { issue, pull } = pullOf(call)
    const comments = pull.threads.flatMap((thread) => thread.comments)
    return page(call, comments, (comment) => reviewCommentJson(call.world, call.repository, issue, comment))
  }),
  repositoryRoute('POST', '/pulls/{pull_number}/comments', WRITE, async (call) => {
    const one = pullOf(call)
    const comment = await commentOnPull(call.world, call.repository, one, commentInput(call.body), actorOf(call))
    return ok(reviewCommentJson(call.world, call.repository, one.issue, comment), 201)
  }),
  repositoryRoute('POST', '/pulls/{pull_number}/comments/{comment_id}/replies', WRITE, (call) => {
    const one = pullOf(call)
    const comment = reply(
      call.world,
      call.repository,
      one,
      integer(call.params.comment_id),
      text(call.body, 'body'),
      actorOf(call),
    )
    return ok(reviewCommentJson(call.world, call.repository, one.issue, comment), 201)
  }),
  repositoryRoute('GET', '/pulls/comments/{comment_id}', READ, (call) => {
    const { issue, comment } = reviewCommentOf(call)
    return ok(reviewCommentJson(call.world, call.repository, issue, comment))
  }),
  repositoryRoute('POST', '/pulls/comments/{comment_id}/reactions', WRITE, (call) => {
    const { comment } = reviewCommentOf(call)
    const content = optionalChoice(call.body, 'content', ['+1', '-1', 'laugh', 'confused', 'heart', 'hooray', 'rocket', 'eyes'])
    if (content === undefined) throw new ApiError(422, 'Invalid request.\n\n"content" wasn\'t supplied.')
    const { reaction, created } = react(call.world, comment, content, call.app.bot)
    return ok(reactionJson(call.world, reaction), created ? 201 : 200)
  }),
]

function commentInput(value: unknown): NewReviewComment {
  const body = typeof value === 'object' && value !== null ? { ...value } : {}
  return {
    path: text(body, 'path'),
    body: text(body, 'body'),
    line: optionalNumber(body, 'line'),
    side: optionalChoice(body, 'side', ['LEFT', 'RIGHT']),
  }
}

function reviewCommentOf(call: RepositoryCall) {
  const id = integer(call.params.comment_id)
  for (const { issue, pull } of pullsOf(call.repository)) {
    const comment = pull.threads.flatMap((thread) => thread.comments).find((one) => one.id === id)
    if (comment) return { issue, comment }
  }
  throw notFound()
}
