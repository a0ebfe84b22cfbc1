import { z } from 'zod'
import type { HeadSha } from '../contract/ids.ts'
import type { EffectHandler } from '../engine/effects.ts'
import { createDeployment, type Deployment, deploymentStanding, listDeployments } from '../github/deployments.ts'
import { type Octokit, type Repository, repositoryOf } from '../github/octokit.ts'
import type { EffectOf } from '../pipeline/effects.ts'
import type { DeploymentSeen } from '../pipeline/events.ts'
import type { Run } from '../pipeline/model.ts'
import { legOf } from '../pipeline/state.ts'
import { deploymentSeen } from './ask-deployments.ts'
import type { GitHubEffects } from './dependencies.ts'

/** What our deployments carry: which run asked, and with which effect. GitHub gives an object back as a text at times. */
const Marker = z.object({ switchyard: z.object({ run: z.string(), effect: z.string() }) })
const Payload = z.union([
  Marker,
  z
    .string()
    .transform((text, context) => {
      try {
        return z.unknown().parse(JSON.parse(text))
      } catch {
        context.addIssue({ code: 'custom', message: 'is no JSON' })
        return z.NEVER
      }
    })
    .pipe(Marker),
])

/** Has each leg's head deployed (STP-15). What was asked for already, and did not fail, is not asked for again. */
export function createDeployments(dependencies: GitHubEffects): EffectHandler<'create-deployments'> {
  return async (effect, run) => {
    const octokit = await dependencies.github.installation(run.task.installationId)
    const deployments: DeploymentSeen[] = []
    for (const { leg, head } of effect.legs) {
      const repository = repositoryOf(legOf(run, leg).repository)
      const { id } = await deploy(dependencies, octokit, run, effect, { repository, head })
      deployments.push(
        await deploymentSeen(dependencies, octokit, repository, { leg, head, id, environment: effect.environment }),
      )
    }
    return { type: 'deployments.reported', effect: effect.id, deployments }
  }
}

async function deploy(
  { identity }: GitHubEffects,
  octokit: Octokit,
  run: Run,
  { id, environment }: EffectOf<'create-deployments'>,
  { repository, head }: { repository: Repository; head: HeadSha },
): Promise<Deployment> {
  const listed = await listDeployments(octokit, repository, { sha: head, environment })
  const own = listed.flatMap((deployment) => {
    const payload = Payload.safeParse(deployment.payload)
    const ours = payload.success && payload.data.switchyard.run === run.id && deployment.creatorId === identity.botId
    return ours ? [{ deployment, effect: payload.data.switchyard.effect }] : []
  })
  const same = own.find(({ effect }) => effect === id)
  if (same !== undefined) return same.deployment
  const [newest] = own
  if (newest !== undefined) {
    const { state } = await deploymentStanding(octokit, repository, newest.deployment.id)
    // After a failure a new attempt is a new deployment.
    if (state === 'pending' || state === 'success') return newest.deployment
  }
  return createDeployment(octokit, repository, {
    sha: head,
    environment,
    description: `Switchyard, for ${run.task.repository}#${run.task.number}`,
    payload: { switchyard: { run: run.id, effect: id } },
  })
}
