import { ApiError } from '../api-error.ts'
import { deploymentJson, deploymentStatusJson } from '../render/deployments.ts'
import { addDeploymentStatus, createDeployment, findDeployment } from '../state/deployments.ts'
import type { Deployment } from '../state/model.ts'
import { actorOf } from './actor.ts'
import { integer, nullableText, optionalChoice, optionalFlag, optionalText, optionalTexts, text } from './input.ts'
import { page } from './paging.ts'
import { ok, type RepositoryCall, type Route, repositoryRoute } from './registry.ts'

const STATES = ['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success'] as const
const LONGEST_DESCRIPTION = 140

/** https://docs.github.com/rest/deployments */
export const deploymentRoutes: Route[] = [
  repositoryRoute('GET', '/deployments', 'deployments:read', (call) => {
    const { world, repository, query } = call
    const asked = (name: 'sha' | 'ref' | 'task' | 'environment') => query.get(name) ?? undefined
    const found = [...repository.deployments.values()]
      .filter((one) =>
        (['sha', 'ref', 'task', 'environment'] as const).every((name) => (asked(name) ?? one[name]) === one[name]),
      )
      .reverse()
    return page(call, found, (one) => deploymentJson(world, repository, one))
  }),
  repositoryRoute('POST', '/deployments', 'deployments:write', async (call) => {
    const { world, repository, body } = call
    // GitHub would merge the default branch into the ref first: nothing here wants that.
    if (optionalFlag(body, 'auto_merge') !== false) throw new ApiError(422, 'The local GitHub knows only auto_merge: false')
    const input = {
      ref: text(body, 'ref'),
      task: optionalText(body, 'task'),
      environment: optionalText(body, 'environment'),
      description: nullableText(body, 'description'),
      payload: payloadOf(body.payload),
      transient: optionalFlag(body, 'transient_environment'),
      production: optionalFlag(body, 'production_environment'),
      requiredContexts: optionalTexts(body, 'required_contexts'),
    }
    return ok(deploymentJson(world, repository, await createDeployment(world, repository, input, actorOf(call))), 201)
  }),
  repositoryRoute('GET', '/deployments/{deployment_id}', 'deployments:read', (call) =>
    ok(deploymentJson(call.world, call.repository, deploymentOf(call))),
  ),
  repositoryRoute('GET', '/deployments/{deployment_id}/statuses', 'deployments:read', (call) => {
    const deployment = deploymentOf(call)
    return page(call, deployment.statuses.toReversed(), (one) =>
      deploymentStatusJson(call.world, call.repository, deployment, one),
    )
  }),
  repositoryRoute('POST', '/deployments/{deployment_id}/statuses', 'deployments:write', (call) => {
    const { world, repository, body } = call
    const deployment = deploymentOf(call)
    const state = optionalChoice(body, 'state', STATES)
    if (state === undefined) throw new ApiError(422, 'Invalid request.\n\n"state" wasn\'t supplied.')
    const description = optionalText(body, 'description')
    if ((description?.length ?? 0) > LONGEST_DESCRIPTION) throw new ApiError(422, 'description is too long')
    const input = {
      state,
      description,
      environment: optionalText(body, 'environment'),
      environmentUrl: optionalText(body, 'environment_url'),
      logUrl: optionalText(body, 'log_url') ?? optionalText(body, 'target_url'),
      autoInactive: optionalFlag(body, 'auto_inactive'),
    }
    const status = addDeploymentStatus(world, repository, deployment, input, actorOf(call))
    return ok(deploymentStatusJson(world, repository, deployment, status), 201)
  }),
]

function deploymentOf(call: RepositoryCall): Deployment {
  return findDeployment(call.repository, integer(call.params.deployment_id))
}

function payloadOf(value: unknown): Deployment['payload'] | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
}
