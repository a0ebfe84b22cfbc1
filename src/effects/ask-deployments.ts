import type { EffectHandler } from '../engine/effects.ts'
import { deploymentStanding } from '../github/deployments.ts'
import { type Octokit, type Repository, repositoryOf } from '../github/octokit.ts'
import type { DeploymentSeen } from '../pipeline/events.ts'
import { legOf } from '../pipeline/state.ts'
import type { GitHubEffects } from './dependencies.ts'

/** Asks how deployments stand; changes nothing. */
export function askDeployments(dependencies: GitHubEffects): EffectHandler<'ask-deployments'> {
  return async (effect, run) => {
    const octokit = await dependencies.github.installation(run.task.installationId)
    const deployments = await Promise.all(
      effect.deployments.map(({ leg, head, id }) => {
        const repository = repositoryOf(legOf(run, leg).repository)
        return deploymentSeen(dependencies, octokit, repository, { leg, head, id, environment: effect.environment })
      }),
    )
    return { type: 'deployments.reported', effect: effect.id, deployments }
  }
}

/** How one deployment stands now; what a tool wrote beside it is redacted. */
export async function deploymentSeen(
  { redactor }: Pick<GitHubEffects, 'redactor'>,
  octokit: Octokit,
  repository: Repository,
  deployment: Pick<DeploymentSeen, 'leg' | 'head' | 'id' | 'environment'>,
): Promise<DeploymentSeen> {
  const { state, url, description } = await deploymentStanding(octokit, repository, deployment.id)
  return { ...deployment, state, url, description: redactor.redact(description).slice(0, 1_000) }
}
