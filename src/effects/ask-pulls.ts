import { SwitchyardError } from '../contract/failure.ts'
import type { EffectHandler } from '../engine/effects.ts'
import { repositoryOf } from '../github/octokit.ts'
import { getPull, markReady } from '../github/pull-requests.ts'
import type { PullSeen } from '../pipeline/events.ts'
import type { Run } from '../pipeline/model.ts'
import { legOf } from '../pipeline/state.ts'
import { checksOf } from './ask-checks.ts'
import type { GitHubEffects } from './dependencies.ts'

/**
 * Takes the pull requests out of draft where they still are, then asks for all of them at the same moment: heads,
 * mergeability, checks.
 */
export function askPulls(dependencies: GitHubEffects): EffectHandler<'ask-pulls'> {
  return async (effect, run) => {
    const pulls = await Promise.all(effect.legs.map((key) => readyPull(dependencies, run, key)))
    const open = pulls.filter(({ pull }) => pull.state === 'open')
    return { type: 'pulls.reported', effect: effect.id, pulls, checks: await checksOf(dependencies, run, open) }
  }
}

async function readyPull({ github }: GitHubEffects, run: Run, key: PullSeen['leg']): Promise<PullSeen> {
  const leg = legOf(run, key)
  const octokit = await github.installation(run.task.installationId)
  const repository = repositoryOf(leg.repository)
  const read = async () => {
    const seen = leg.pull === null ? null : await getPull(octokit, repository, leg.pull.number)
    if (seen !== null) return seen
    throw new SwitchyardError({ cause: 'api', message: `The pull request of ${leg.repository} is not there any more.` })
  }
  let seen = await read()
  if (seen.pull.state === 'open' && seen.pull.draft) {
    await markReady(octokit, seen.pull)
    seen = await read()
  }
  return { leg: key, pull: seen.pull, head: seen.head, base: seen.base, mergeable: seen.mergeable }
}
