/** Issues and what happens to them; a pull request is an issue too. */
import { notFound } from '../api-error.ts'
import { issueJson } from '../render/issues.ts'
import { emit } from '../webhooks/emit.ts'
import { addLabels } from './labels.ts'
import type { Account, Actor, Issue, Reaction, ReactionContent, Repository } from './model.ts'
import { emitPull } from './pull-events.ts'
import { timestamp, type World } from './world.ts'

export function findIssue(repository: Repository, number: number): Issue {
  const issue = repository.issues.get(number)
  if (!issue) throw notFound()
  return issue
}

export interface NewIssue {
  title: string
  body?: string | null | undefined
  labels?: string[] | undefined
  assignees?: Account[] | undefined
}

/** An issue as it begins, in the repository's list and not yet told of. */
export function makeIssue(world: World, repository: Repository, input: NewIssue, actor: Actor): Issue {
  const at = timestamp(world)
  const issue: Issue = {
    id: world.nextId(),
    number: repository.nextNumber++,
    title: input.title,
    body: input.body ?? null,
    state: 'open',
    stateReason: null,
    author: actor,
    labels: new Set(),
    assignees: input.assignees ?? [],
    reactions: [],
    createdAt: at,
    updatedAt: at,
    closedAt: null,
    closedBy: null,
    edits: 0,
    pull: null,
  }
  repository.issues.set(issue.number, issue)
  return issue
}

export function openIssue(world: World, repository: Repository, input: NewIssue, actor: Actor): Issue {
  const issue = makeIssue(world, repository, input, actor)
  emitIssue(world, repository, issue, 'opened', actor)
  addLabels(world, repository, issue, input.labels ?? [], actor)
  return issue
}

export function editIssue(
  world: World,
  repository: Repository,
  issue: Issue,
  change: { title?: string | undefined; body?: string | null | undefined },
  actor: Actor,
): void {
  const changes: Record<string, { from: string }> = {}
  if (change.title !== undefined && change.title !== issue.title) {
    changes.title = { from: issue.title }
    issue.title = change.title
  }
  if (change.body !== undefined && change.body !== issue.body) {
    changes.body = { from: issue.body ?? '' }
    issue.body = change.body
  }
  if (Object.keys(changes).length === 0) return
  issue.edits += 1
  issue.updatedAt = timestamp(world)
  if (issue.pull) emitPull(world, repository, issue, issue.pull, 'edited', actor, { changes })
  else emitIssue(world, repository, issue, 'edited', actor, { changes })
}

export function setIssueState(
  world: World,
  repository: Repository,
  issue: Issue,
  state: Issue['state'],
  reason: Issue['stateReason'],
  actor: Actor,
): void {
  if (issue.state === state) return
  const at = timestamp(world)
  issue.state = state
  issue.updatedAt = at
  issue.closedAt = state === 'closed' ? at : null
  issue.closedBy = state === 'closed' ? actor.user : null
  const action = state === 'closed' ? 'closed' : 'reopened'
  if (issue.pull) {
    emitPull(world, repository, issue, issue.pull, action, actor)
    world.settle(repository)
    return
  }
  issue.stateReason = state === 'closed' ? (reason ?? 'completed') : 'reopened'
  emitIssue(world, repository, issue, action, actor)
}

function emitIssue(
  world: World,
  repository: Repository,
  issue: Issue,
  action: string,
  actor: Actor,
  more: Record<string, unknown> = {},
): void {
  emit(world, repository, 'issues', action, actor, { issue: issueJson(world, repository, issue), ...more })
}

/** Adds a reaction, or finds the one this account gave before. */
export function react(world: World, on: { reactions: Reaction[] }, content: ReactionContent, user: Account) {
  const before = on.reactions.find((one) => one.content === content && one.user.id === user.id)
  if (before) return { reaction: before, created: false }
  const reaction: Reaction = { id: world.nextId(), user, content, createdAt: timestamp(world) }
  on.reactions.push(reaction)
  return { reaction, created: true }
}
