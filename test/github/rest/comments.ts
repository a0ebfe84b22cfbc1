import { ApiError } from '../api-error.ts'
import { commentJson, reactionJson } from '../render/issues.ts'
import { commentsOf, createComment, deleteComment, editComment, findComment } from '../state/comments.ts'
import { react } from '../state/issues.ts'
import type { Comment, Reaction, ReactionContent } from '../state/model.ts'
import { actorOf } from './actor.ts'
import { integer, optionalChoice, text } from './input.ts'
import { issueOf, requireFor } from './issues.ts'
import { page } from './paging.ts'
import { noContent, ok, type Reply, type RepositoryCall, type Route, repositoryRoute } from './registry.ts'

const READ = 'issues:read|pull_requests:read'
const WRITE = 'issues:write|pull_requests:write'
const CONTENTS: ReactionContent[] = ['+1', '-1', 'laugh', 'confused', 'heart', 'hooray', 'rocket', 'eyes']
const LONGEST_BODY = 65_536

/** https://docs.github.com/rest/issues/comments and https://docs.github.com/rest/reactions */
export const commentRoutes: Route[] = [
  repositoryRoute('GET', '/issues/{issue_number}/comments', READ, (call) => {
    const since = call.query.get('since')
    const found = commentsOf(call.repository, issueOf(call, 'read')).filter((one) => since === null || one.updatedAt >= since)
    return page(call, found, (comment) => commentJson(call.world, call.repository, comment))
  }),
  repositoryRoute('POST', '/issues/{issue_number}/comments', WRITE, (call) => {
    const issue = issueOf(call, 'write')
    const comment = createComment(call.world, call.repository, issue, bodyOf(call), actorOf(call))
    return ok(commentJson(call.world, call.repository, comment), 201)
  }),
  repositoryRoute('GET', '/issues/comments', READ, (call) =>
    page(call, [...call.repository.comments.values()], (comment) => commentJson(call.world, call.repository, comment)),
  ),
  repositoryRoute('GET', '/issues/comments/{comment_id}', READ, (call) =>
    ok(commentJson(call.world, call.repository, commentOf(call, 'read'))),
  ),
  repositoryRoute('PATCH', '/issues/comments/{comment_id}', WRITE, (call) => {
    const comment = commentOf(call, 'write')
    editComment(call.world, call.repository, comment, bodyOf(call), actorOf(call))
    return ok(commentJson(call.world, call.repository, comment))
  }),
  repositoryRoute('DELETE', '/issues/comments/{comment_id}', WRITE, (call) => {
    deleteComment(call.world, call.repository, commentOf(call, 'write'), actorOf(call))
    return noContent
  }),
  repositoryRoute('GET', '/issues/{issue_number}/reactions', READ, (call) => list(call, issueOf(call, 'read'))),
  repositoryRoute('POST', '/issues/{issue_number}/reactions', WRITE, (call) => add(call, issueOf(call, 'write'))),
  repositoryRoute('DELETE', '/issues/{issue_number}/reactions/{reaction_id}', WRITE, (call) =>
    remove(call, issueOf(call, 'write')),
  ),
  repositoryRoute('GET', '/issues/comments/{comment_id}/reactions', READ, (call) => list(call, commentOf(call, 'read'))),
  repositoryRoute('POST', '/issues/comments/{comment_id}/reactions', WRITE, (call) => add(call, commentOf(call, 'write'))),
  repositoryRoute('DELETE', '/issues/comments/{comment_id}/reactions/{reaction_id}', WRITE, (call) =>
    remove(call, commentOf(call, 'write')),
  ),
]

function commentOf(call: RepositoryCall, level: 'read' | 'write'): Comment {
  const comment = findComment(call.repository, integer(call.params.comment_id))
  requireFor(call, comment.issue, level)
  return comment
}

function bodyOf(call: RepositoryCall): string {
  const body = text(call.body, 'body')
  if (body.trim() === '') {
    throw new ApiError(422, 'Validation Failed', {
      errors: [{ resource: 'IssueComment', code: 'missing_field', field: 'body' }],
    })
  }
  if (body.length > LONGEST_BODY) {
    const message = `body is too long (maximum is ${LONGEST_BODY} characters)`
    throw new ApiError(422, 'Validation Failed', {
      errors: [{ resource: 'IssueComment', code: 'unprocessable', field: 'data', message }],
    })
  }
  return body
}

interface Reactable {
  reactions: Reaction[]
}

function list(call: RepositoryCall, on: Reactable): Promise<Reply> {
  const content = call.query.get('content')
  const found = on.reactions.filter((one) => content === null || one.content === content)
  return page(call, found, (reaction) => reactionJson(call.world, reaction))
}

function add(call: RepositoryCall, on: Reactable): Reply {
  const content = optionalChoice(call.body, 'content', CONTENTS)
  if (content === undefined) throw new ApiError(422, 'Invalid request.\n\n"content" wasn\'t supplied.')
  const { reaction, created } = react(call.world, on, content, call.app.bot)
  return ok(reactionJson(call.world, reaction), created ? 201 : 200)
}

function remove(call: RepositoryCall, on: Reactable): Reply {
  const id = integer(call.params.reaction_id)
  on.reactions = on.reactions.filter((one) => one.id !== id)
  return noContent
}
