/** Deployments and how they stand. https://docs.github.com/rest/deployments */
import { ApiError, notFound } from '../api-error.ts'
import { webhookDeploymentJson, webhookDeploymentStatusJson } from '../render/deployments.ts'
import { emit } from '../webhooks/emit.ts'
import { resolveRef } from './git.ts'
import { checksOf } from './mergeability.ts'
import type { Actor, Deployment, DeploymentState, DeploymentStatus, Repository } from './model.ts'
import { timestamp, type World } from './world.ts'

export interface NewDeployment {
  ref: string
  task?: string | undefined
  environment?: string | undefined
  description?: string | null | undefined
  payload?: Deployment['payload'] | undefined
  transient?: boolean | undefined
  production?: boolean | undefined
  /** Names of checks that must have passed; all there are when not given. */
  requiredContexts?: string[] | undefined
}

export async function createDeployment(
  world: World,
  repository: Repository,
  input: NewDeployment,
  actor: Actor,
): Promise<Deployment> {
  const sha = await resolveRef(repository.dir, input.ref)
  if (sha === null) throw new ApiError(422, `No ref found for: ${input.ref}`)
  const checks = checksOf(repository, sha)
  const wanted = input.requiredContexts ?? checks.map(({ name }) => name)
  if (wanted.some((name) => checks.find((check) => check.name === name)?.state !== 'passed')) {
    throw new ApiError(409, `Conflict: Commit status checks failed for ${input.ref}.`)
  }
  const at = timestamp(world)
  const environment = input.environment ?? 'production'
  const deployment: Deployment = {
    id: world.nextId(),
    sha,
    ref: input.ref,
    task: input.task ?? 'deploy',
    environment,
    description: input.description ?? null,
    payload: input.payload ?? {},
    transient: input.transient ?? false,
    production: input.production ?? environment === 'production',
    creator: actor,
    statuses: [],
    createdAt: at,
    updatedAt: at,
  }
  repository.deployments.set(deployment.id, deployment)
  emit(world, repository, 'deployment', 'created', actor, {
    deployment: webhookDeploymentJson(world, repository, deployment),
    workflow: null,
    workflow_run: null,
  })
  return deployment
}

export function findDeployment(repository: Repository, id: number): Deployment {
  const deployment = repository.deployments.get(id)
  if (!deployment) throw notFound()
  return deployment
}

export interface NewDeploymentStatus {
  state: DeploymentState
  description?: string | undefined
  environment?: string | undefined
  environmentUrl?: string | undefined
  logUrl?: string | undefined
  /** A success makes earlier ones of the environment inactive; true by default. */
  autoInactive?: boolean | undefined
}

export function addDeploymentStatus(
  world: World,
  repository: Repository,
  deployment: Deployment,
  input: NewDeploymentStatus,
  actor: Actor,
): DeploymentStatus {
  const status = write(world, repository, deployment, input, actor)
  if (input.state === 'success' && (input.autoInactive ?? true)) retireOthers(world, repository, deployment, actor)
  return status
}

function write(world: World, repository: Repository, deployment: Deployment, input: NewDeploymentStatus, actor: Actor) {
  const at = timestamp(world)
  const status: DeploymentStatus = {
    id: world.nextId(),
    state: input.state,
    description: input.description ?? '',
    environment: input.environment ?? deployment.environment,
    environmentUrl: input.environmentUrl ?? '',
    logUrl: input.logUrl ?? '',
    creator: actor,
    createdAt: at,
  }
  deployment.statuses.push(status)
  deployment.environment = status.environment
  deployment.updatedAt = at
  emit(world, repository, 'deployment_status', 'created', actor, {
    deployment_status: webhookDeploymentStatusJson(world, repository, deployment, status),
    deployment: webhookDeploymentJson(world, repository, deployment),
  })
  return status
}

/** Earlier successful deployments to the same environment, but transient and production ones, are inactive now. */
function retireOthers(world: World, repository: Repository, newest: Deployment, actor: Actor): void {
  for (const other of repository.deployments.values()) {
    const same = other.id < newest.id && other.environment === newest.environment
    if (!same || other.transient || other.production || other.statuses.at(-1)?.state !== 'success') continue
    write(world, repository, other, { state: 'inactive' }, actor)
  }
}
