/**
 * The few GraphQL operations that REST lacks, recognised by the name of their top-level field. Anything else is a
 * GraphQL error. https://docs.github.com/graphql/reference
 */
import { ApiError } from '../api-error.ts'
import { permitted } from '../rest/authenticate.ts'
import type { Principal, Reply } from '../rest/registry.ts'
import { covers } from '../state/grants.ts'
import { computeMergeability, mergeableState } from '../state/mergeability.ts'
import { nodeId, type Repository, type Thread } from '../state/model.ts'
import { type PullIssue, pullsOf, setDraft } from '../state/pulls.ts'
import { findThread, setResolved } from '../state/reviews.ts'
import type { World } from '../state/world.ts'
import { findRepository } from '../state/world.ts'
import { fieldsOf, type GraphqlField } from './parse.ts'

type Installed = Extract<Principal, { kind: 'installation' }>

class GraphqlError extends Error {
  readonly type: string
  constructor(type: string, message: string) {
    super(message)
    this.type = type
  }
}

export async function handleGraphql(world: World, principal: Principal, body: Record<string, unknown>): Promise<Reply> {
  if (principal.kind !== 'installation') throw new ApiError(401, 'A JSON web token is not accepted here')
  const variables = typeof body.variables === 'object' && body.variables !== null ? { ...body.variables } : {}
  const data: Record<string, unknown> = {}
  const errors: unknown[] = []
  for (const field of fieldsOf(typeof body.query === 'string' ? body.query : '', variables)) {
    try {
      data[field.alias] = select(await resolveField(world, principal, field), field.fields)
    } catch (error) {
      if (!(error instanceof GraphqlError)) throw error
      data[field.alias] = null
      errors.push({ type: error.type, path: [field.alias], locations: [{ line: 1, column: 1 }], message: error.message })
    }
  }
  return { status: 200, body: errors.length > 0 ? { data, errors } : { data } }
}

async function resolveField(world: World, principal: Installed, field: GraphqlField): Promise<unknown> {
  const actor = { user: principal.app.bot, app: principal.app }
  const input = objectOf(field.arguments.input)
  switch (field.name) {
    case 'markPullRequestReadyForReview':
    case 'convertPullRequestToDraft': {
      const { repository, one } = pullById(world, principal, input.pullRequestId)
      setDraft(world, repository, one, field.name === 'convertPullRequestToDraft', actor)
      return { clientMutationId: input.clientMutationId ?? null, pullRequest: await pullNode(repository, one) }
    }
    case 'resolveReviewThread':
    case 'unresolveReviewThread': {
      const { repository, one, thread } = threadById(world, principal, input.threadId)
      setResolved(world, repository, one, thread, field.name === 'resolveReviewThread', actor)
      return { clientMutationId: input.clientMutationId ?? null, thread: threadNode(thread) }
    }
    case 'repository': {
      const name = `${String(field.arguments.owner)}/${String(field.arguments.name)}`
      const repository = findRepository(world, name)
      if (!repository || !covered(principal, repository)) {
        throw new GraphqlError('NOT_FOUND', `Could not resolve to a Repository with the name '${name}'.`)
      }
      return repositoryNode(world, repository, field)
    }
    default:
      throw new GraphqlError('undefinedField', `Field '${field.name}' is not served by the local GitHub`)
  }
}

async function repositoryNode(world: World, repository: Repository, field: GraphqlField) {
  const answer: Record<string, unknown> = { id: nodeId('R', repository.id), name: repository.name }
  for (const child of field.fields) {
    if (child.name !== 'pullRequest') continue
    const number = Number(child.arguments.number)
    const one = pullsOf(repository).find(({ issue }) => issue.number === number)
    if (!one) throw new GraphqlError('NOT_FOUND', `Could not resolve to a PullRequest with the number of ${number}.`)
    answer.pullRequest = await pullNode(repository, one)
    computeMergeability(world, repository, one.pull).catch((error: unknown) => {
      world.log('mergeability failed', { error: String(error) })
    })
  }
  return answer
}

const STATES = {
  unknown: 'UNKNOWN',
  dirty: 'DIRTY',
  draft: 'DRAFT',
  blocked: 'BLOCKED',
  behind: 'BEHIND',
  unstable: 'UNSTABLE',
  clean: 'CLEAN',
}

async function pullNode(repository: Repository, { issue, pull }: PullIssue) {
  const state = await mergeableState(repository, issue, pull)
  return {
    id: nodeId('PR', issue.id),
    number: issue.number,
    title: issue.title,
    isDraft: pull.draft,
    state: pull.merged ? 'MERGED' : issue.state.toUpperCase(),
    headRefOid: pull.headSha,
    headRefName: pull.headRef,
    baseRefOid: pull.baseSha,
    baseRefName: pull.baseRef,
    mergeable: pull.mergeable === null ? 'UNKNOWN' : pull.mergeable ? 'MERGEABLE' : 'CONFLICTING',
    mergeStateStatus: STATES[state],
    merged: pull.merged !== null,
    reviewThreads: {
      totalCount: pull.threads.length,
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
      nodes: pull.threads.map(threadNode),
    },
  }
}

function threadNode(thread: Thread) {
  const first = thread.comments[0]
  return {
    id: nodeId('PRRT', thread.id),
    isResolved: thread.resolved,
    isOutdated: false,
    path: first?.path ?? '',
    line: first?.line ?? null,
    resolvedBy: thread.resolvedBy ? { login: thread.resolvedBy.login } : null,
    comments: {
      totalCount: thread.comments.length,
      pageInfo: { hasNextPage: false, endCursor: null },
      nodes: thread.comments.map((comment) => ({
        id: nodeId('PRRC', comment.id),
        databaseId: comment.id,
        body: comment.body,
        path: comment.path,
        line: comment.line,
        createdAt: comment.createdAt,
        author: { login: comment.author.user.login.replace(/\[bot\]$/, ''), __typename: comment.author.app ? 'Bot' : 'User' },
      })),
    },
  }
}

function pullById(world: World, principal: Installed, id: unknown): { repository: Repository; one: PullIssue } {
  for (const repository of world.repositories.values()) {
    if (!covered(principal, repository)) continue
    const one = pullsOf(repository).find(({ issue }) => nodeId('PR', issue.id) === id)
    if (one) return requireWrite(principal, { repository, one })
  }
  throw new GraphqlError('NOT_FOUND', `Could not resolve to a node with the global id of '${String(id)}'`)
}

function threadById(world: World, principal: Installed, id: unknown) {
  for (const repository of world.repositories.values()) {
    if (!covered(principal, repository)) continue
    const found = findThread(repository, Number(String(id).replace('PRRT_', '')))
    if (found) return requireWrite(principal, { repository, ...found })
  }
  throw new GraphqlError('NOT_FOUND', `Could not resolve to a node with the global id of '${String(id)}'`)
}

function requireWrite<T>(principal: Installed, found: T): T {
  if (permitted(principal.token, [{ pull_requests: 'write' }])) return found
  throw new GraphqlError('FORBIDDEN', 'Resource not accessible by integration')
}

function covered({ installation, token }: Installed, repository: Repository): boolean {
  return covers(installation, repository) && (token.repositories?.has(repository.id) ?? true)
}

/** Of an answer, the fields that were asked for. One that the local GitHub lacks is an error, not silence. */
function select(value: unknown, fields: GraphqlField[]): unknown {
  if (fields.length === 0 || value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map((one) => select(one, fields))
  const whole: Record<string, unknown> = { ...value }
  return Object.fromEntries(
    fields.map((field) => {
      if (!(field.name in whole))
        throw new GraphqlError('undefinedField', `Field '${field.name}' is not served by the local GitHub`)
      return [field.alias, select(whole[field.name], field.fields)]
    }),
  )
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
