/** The mutations that REST lacks, by name. https://docs.github.com/graphql/reference/mutations */
import { permitted } from '../rest/authenticate.ts'
import type { Principal } from '../rest/registry.ts'
import { disableAutoMerge, enableAutoMerge } from '../state/auto-merge.ts'
import { covers } from '../state/grants.ts'
import { dequeue, enqueue } from '../state/merge-queue.ts'
import { type Actor, nodeId, type Permissions, type Repository } from '../state/model.ts'
import { findPull, type PullIssue, pullsOf, setDraft } from '../state/pulls.ts'
import { revertPull } from '../state/revert.ts'
import { findThread, reply, setResolved } from '../state/reviews.ts'
import type { World } from '../state/world.ts'
import { GraphqlError } from './graphql-error.ts'
import { commentNode, entryNode, pullNode, threadNode } from './nodes.ts'

export type Installed = Extract<Principal, { kind: 'installation' }>

interface Mutation {
  world: World
  principal: Installed
  actor: Actor
  input: Record<string, unknown>
}

type Payload = Record<string, unknown>

export const MUTATIONS: Readonly<Record<string, (mutation: Mutation) => Payload | Promise<Payload>>> = {
  markPullRequestReadyForReview: (mutation) => draft(mutation, false),
  convertPullRequestToDraft: (mutation) => draft(mutation, true),
  resolveReviewThread: (mutation) => resolve(mutation, true),
  unresolveReviewThread: (mutation) => resolve(mutation, false),
  addPullRequestReviewThreadReply({ world, principal, actor, input }) {
    const { repository, one, thread } = threadById(world, principal, input.pullRequestReviewThreadId)
    if (input.pullRequestReviewId) throw new GraphqlError('UNPROCESSABLE', 'The local GitHub keeps no pending reviews')
    const body = textOf(input.body)
    if (body === undefined || body === '') throw new GraphqlError('UNPROCESSABLE', 'Body cannot be blank')
    return { comment: commentNode(reply(world, repository, one, thread.comments[0]?.id ?? 0, body, actor)) }
  },
  async enablePullRequestAutoMerge({ world, principal, actor, input }) {
    const { repository, one } = pullById(world, principal, input.pullRequestId, MERGES)
    const wanted = {
      method: methodOf(input.mergeMethod),
      expectedHead: textOf(input.expectedHeadOid) ?? null,
      title: textOf(input.commitHeadline) ?? null,
      message: textOf(input.commitBody) ?? null,
    }
    await enableAutoMerge(world, repository, one, wanted, actor)
    return { pullRequest: pullNode(world, repository, one) }
  },
  disablePullRequestAutoMerge({ world, principal, actor, input }) {
    const { repository, one } = pullById(world, principal, input.pullRequestId, MERGES)
    disableAutoMerge(world, repository, one, 'Auto-merge was disabled', actor)
    return { pullRequest: pullNode(world, repository, one) }
  },
  async enqueuePullRequest({ world, principal, actor, input }) {
    const { repository, one } = pullById(world, principal, input.pullRequestId, MERGES)
    const entry = await enqueue(world, repository, one, textOf(input.expectedHeadOid) ?? null, actor)
    return { mergeQueueEntry: entryNode(repository, entry) }
  },
  async dequeuePullRequest({ world, principal, actor, input }) {
    const { repository, one } = pullById(world, principal, input.id, MERGES)
    const queue = repository.mergeQueues.get(one.pull.baseRef)
    const entry = queue?.entries.find(({ pull }) => pull === one.pull)
    if (!queue || !entry) throw new GraphqlError('UNPROCESSABLE', 'Pull request is not in the merge queue')
    const mergeQueueEntry = entryNode(repository, entry)
    await dequeue(world, repository, queue, entry, 'MANUAL', actor)
    return { mergeQueueEntry }
  },
  async revertPullRequest({ world, principal, actor, input }) {
    const { repository, one } = pullById(world, principal, input.pullRequestId, MERGES)
    const wanted = { title: textOf(input.title), body: textOf(input.body), draft: input.draft === true }
    const made = await revertPull(world, repository, one, wanted, actor)
    return {
      pullRequest: pullNode(world, repository, one),
      revertPullRequest: pullNode(world, repository, findPull(repository, made.number)),
    }
  },
}

const WRITES: Permissions = { pull_requests: 'write' }
const MERGES: Permissions = { pull_requests: 'write', contents: 'write' }

function draft({ world, principal, actor, input }: Mutation, wanted: boolean): Payload {
  const { repository, one } = pullById(world, principal, input.pullRequestId, WRITES)
  setDraft(world, repository, one, wanted, actor)
  return { pullRequest: pullNode(world, repository, one) }
}

function resolve({ world, principal, actor, input }: Mutation, wanted: boolean): Payload {
  const { repository, one, thread } = threadById(world, principal, input.threadId)
  setResolved(world, repository, one, thread, wanted, actor)
  return { thread: threadNode(thread) }
}

function pullById(world: World, principal: Installed, id: unknown, needs: Permissions) {
  for (const repository of world.repositories.values()) {
    if (!covered(principal, repository)) continue
    const one = pullsOf(repository).find(({ issue }) => nodeId('PR', issue.id) === id)
    if (one) return allowed(principal, needs, { repository, one })
  }
  throw new GraphqlError('NOT_FOUND', `Could not resolve to a node with the global id of '${String(id)}'`)
}

function threadById(world: World, principal: Installed, id: unknown) {
  for (const repository of world.repositories.values()) {
    if (!covered(principal, repository)) continue
    const found = findThread(repository, Number(String(id).replace('PRRT_', '')))
    if (found) return allowed(principal, WRITES, { repository, ...found })
  }
  throw new GraphqlError('NOT_FOUND', `Could not resolve to a node with the global id of '${String(id)}'`)
}

function allowed<T extends { repository: Repository; one: PullIssue }>(principal: Installed, needs: Permissions, found: T): T {
  if (permitted(principal.token, [needs])) return found
  throw new GraphqlError('FORBIDDEN', 'Resource not accessible by integration')
}

export function covered({ installation, token }: Installed, repository: Repository): boolean {
  return covers(installation, repository) && (token.repositories?.has(repository.id) ?? true)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function methodOf(value: unknown): 'merge' | 'squash' | 'rebase' {
  return value === 'SQUASH' ? 'squash' : value === 'REBASE' ? 'rebase' : 'merge'
}
