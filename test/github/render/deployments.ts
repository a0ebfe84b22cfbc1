import { type Deployment, type DeploymentStatus, nodeId, type Repository } from '../state/model.ts'
import type { World } from '../state/world.ts'
import { accountJson } from './accounts.ts'
import { appJson } from './apps.ts'
import { repositoryUrl } from './repositories.ts'

/** A deployment as its webhooks show it; the API's answers name the App as well. */
export function webhookDeploymentJson(world: World, repository: Repository, deployment: Deployment) {
  const api = repositoryUrl(world, repository)
  const url = `${api}/deployments/${deployment.id}`
  return {
    url,
    id: deployment.id,
    node_id: nodeId('DE', deployment.id),
    sha: deployment.sha,
    ref: deployment.ref,
    task: deployment.task,
    payload: deployment.payload,
    original_environment: deployment.environment,
    environment: deployment.environment,
    description: deployment.description,
    creator: accountJson(world, deployment.creator.user),
    created_at: deployment.createdAt,
    updated_at: deployment.updatedAt,
    statuses_url: `${url}/statuses`,
    repository_url: api,
    transient_environment: deployment.transient,
    production_environment: deployment.production,
  }
}

export function deploymentJson(world: World, repository: Repository, deployment: Deployment) {
  return { ...webhookDeploymentJson(world, repository, deployment), performed_via_github_app: appOf(world, deployment) }
}

export function webhookDeploymentStatusJson(
  world: World,
  repository: Repository,
  deployment: Deployment,
  status: DeploymentStatus,
) {
  const api = repositoryUrl(world, repository)
  const url = `${api}/deployments/${deployment.id}`
  return {
    url: `${url}/statuses/${status.id}`,
    id: status.id,
    node_id: nodeId('DES', status.id),
    state: status.state,
    creator: accountJson(world, status.creator.user),
    description: status.description,
    environment: status.environment,
    // The older name of the log's address.
    target_url: status.logUrl,
    log_url: status.logUrl,
    environment_url: status.environmentUrl,
    created_at: status.createdAt,
    updated_at: status.createdAt,
    deployment_url: url,
    repository_url: api,
  }
}

export function deploymentStatusJson(world: World, repository: Repository, deployment: Deployment, status: DeploymentStatus) {
  const json = webhookDeploymentStatusJson(world, repository, deployment, status)
  return { ...json, performed_via_github_app: appOf(world, status) }
}

function appOf(world: World, { creator }: Pick<Deployment, 'creator'>) {
  return creator.app === null ? null : appJson(world, creator.app)
}
