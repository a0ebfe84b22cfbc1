import { SwitchyardError } from '../contract/failure.ts'
import type { EffectHandler } from '../engine/effects.ts'
import { readTakenOver } from '../github/merge-queue.ts'
import { repositoryOf } from '../github/octokit.ts'
import { getPull, markReady } from '../github/pull-requests.ts'
import type { PullSeen } from '../pipeline/events.ts'
import type { Run } from '../pipeline/model.ts'
import { legOf } from '../pipeline/state.ts'
import { checksOf } from './ask-checks.ts'
import type { GitHubEffects } from './dependencies.ts'

/**
 * Takes the pull requests out of draft where they still are (and should not be any more), then asks for all of them at
 * the same moment: heads, mergeability, checks; of those that are to be ready also whether GitHub merges them by itself.
 */
export function askPulls(dependencies: GitHubEffects): EffectHandler<'ask-pulls'> {
  return async (effect, run) => {
    const pulls = await Promise.all(effect.legs.map((key) => seePull(dependencies, run, key, effect.ready)))
    const open = pulls.filter(({ pull }) => pull.state === 'open')
    return { type: 'pulls.reported', effect: effect.id, pulls, checks: await checksOf(dependencies, run, open) }
  }
}

async function seePull({ github }: GitHubEffects, run: Run, key: PullSeen['leg'], ready: boolean): Promise<PullSeen> {
  const leg = legOf(run, key)
  const octokit = await github.installation(run.task.installationId)
  const repository = repositoryOf(leg.repository)
  const read = async () => {
    const seen = leg.pull === null ? null : await getPull(octokit, repository, leg.pull.number)
    if (seen !== null) return seen
    throw new SwitchyardError({ cause: 'api', message: `The pull request of ${leg.repository} is not there any more.` })
  }
  let seen = await read()
  if (ready && seen.pull.state === 'open' && seen.pull.draft) {
    await markReady(octokit, seen.pull)
    seen = await read()
  }
  const told = () => ({ leg: key, pull: seen.pull, head: seen.head, base: seen.base, mergeable: seen.mergeable })
  if (!ready || seen.pull.state !== 'open') return told()
  const { open, inQueue, autoMerge } = await readTakenOver(octokit, repository, seen.pull.number)
  if (open) return { ...told(), queued: inQueue || autoMerge }
  // Merged between the two looks: it is not in the queue any more, and was not put out of it either.
  seen = await read()
  return told()
}
