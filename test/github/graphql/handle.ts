/**
 * The few GraphQL operations that REST lacks, recognised by the name of their top-level field. Anything else is a
 * GraphQL error. https://docs.github.com/graphql/reference
 */
import { ApiError } from '../api-error.ts'
import type { Principal, Reply } from '../rest/registry.ts'
import { computeMergeability } from '../state/mergeability.ts'
import { nodeId, type Repository } from '../state/model.ts'
import { pullsOf } from '../state/pulls.ts'
import { findRepository, type World } from '../state/world.ts'
import { GraphqlError } from './graphql-error.ts'
import { covered, type Installed, MUTATIONS } from './mutations.ts'
import { pullNode } from './nodes.ts'
import { fieldsOf, type GraphqlField } from './parse.ts'
import { select } from './select.ts'

export async function handleGraphql(world: World, principal: Principal, body: Record<string, unknown>): Promise<Reply> {
  if (principal.kind !== 'installation') throw new ApiError(401, 'A JSON web token is not accepted here')
  const variables = typeof body.variables === 'object' && body.variables !== null ? { ...body.variables } : {}
  const data: Record<string, unknown> = {}
  const errors: unknown[] = []
  for (const field of fieldsOf(typeof body.query === 'string' ? body.query : '', variables)) {
    try {
      data[field.alias] = await select(await resolveField(world, principal, field), field.fields)
    } catch (error) {
      const { type, message } = graphqlErrorOf(error)
      data[field.alias] = null
      errors.push({ type, path: [field.alias], locations: [{ line: 1, column: 1 }], message })
    }
  }
  return { status: 200, body: errors.length > 0 ? { data, errors } : { data } }
}

/** What the state refuses is GraphQL's `UNPROCESSABLE`. */
function graphqlErrorOf(error: unknown): GraphqlError {
  if (error instanceof GraphqlError) return error
  if (error instanceof ApiError) return new GraphqlError('UNPROCESSABLE', error.message)
  throw error
}

async function resolveField(world: World, principal: Installed, field: GraphqlField): Promise<unknown> {
  const mutation = MUTATIONS[field.name]
  if (mutation) {
    const input = objectOf(field.arguments.input)
    const actor = { user: principal.app.bot, app: principal.app }
    const payload = await mutation({ world, principal, actor, input })
    return { clientMutationId: input.clientMutationId ?? null, ...payload }
  }
  if (field.name !== 'repository') {
    throw new GraphqlError('undefinedField', `Field '${field.name}' is not served by the local GitHub`)
  }
  const name = `${String(field.arguments.owner)}/${String(field.arguments.name)}`
  const repository = findRepository(world, name)
  if (!repository || !covered(principal, repository)) {
    throw new GraphqlError('NOT_FOUND', `Could not resolve to a Repository with the name '${name}'.`)
  }
  return repositoryNode(world, repository)
}

function repositoryNode(world: World, repository: Repository) {
  return {
    id: nodeId('R', repository.id),
    name: repository.name,
    autoMergeAllowed: repository.allowAutoMerge,
    pullRequest: (args: Record<string, unknown>) => {
      const number = Number(args.number)
      const one = pullsOf(repository).find(({ issue }) => issue.number === number)
      if (!one) throw new GraphqlError('NOT_FOUND', `Could not resolve to a PullRequest with the number of ${number}.`)
      // As with REST: the first to ask is told that mergeability is not known yet, and starts the work.
      const node = pullNode(world, repository, one)
      computeMergeability(world, repository, one.pull).catch((error: unknown) => {
        world.log('mergeability failed', { error: String(error) })
      })
      return node
    },
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
