/** Comments on issues and pull requests. */
import { notFound } from '../api-error.ts'
import { commentJson, issueJson } from '../render/issues.ts'
import { emit } from '../webhooks/emit.ts'
import type { Actor, Comment, Issue, Repository } from './model.ts'
import { timestamp, type World } from './world.ts'

export function findComment(repository: Repository, id: number): Comment {
  const comment = repository.comments.get(id)
  if (!comment) throw notFound()
  return comment
}

export function commentsOf(repository: Repository, issue: Issue): Comment[] {
  return [...repository.comments.values()].filter((comment) => comment.issue === issue)
}

export function createComment(world: World, repository: Repository, issue: Issue, body: string, actor: Actor): Comment {
  const at = timestamp(world)
  const comment: Comment = {
    id: world.nextId(),
    issue,
    author: actor,
    body,
    history: [],
    reactions: [],
    createdAt: at,
    updatedAt: at,
  }
  repository.comments.set(comment.id, comment)
  issue.updatedAt = at
  emitComment(world, repository, comment, 'created', actor)
  return comment
}

/** A body that is the same as before changes nothing, and nobody is told. */
export function editComment(world: World, repository: Repository, comment: Comment, body: string, actor: Actor): void {
  if (body === comment.body) return
  const from = comment.body
  comment.history.push(from)
  comment.body = body
  comment.updatedAt = timestamp(world)
  emitComment(world, repository, comment, 'edited', actor, { changes: { body: { from } } })
}

export function deleteComment(world: World, repository: Repository, comment: Comment, actor: Actor): void {
  repository.comments.delete(comment.id)
  emitComment(world, repository, comment, 'deleted', actor)
}

function emitComment(
  world: World,
  repository: Repository,
  comment: Comment,
  action: string,
  actor: Actor,
  more: Record<string, unknown> = {},
): void {
  emit(world, repository, 'issue_comment', action, actor, {
    ...more,
    issue: issueJson(world, repository, comment.issue),
    comment: commentJson(world, repository, comment),
  })
}
