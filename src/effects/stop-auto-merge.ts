import type { EffectHandler } from '../engine/effects.ts'
import { disableOwnAutoMerge } from '../github/auto-merge.ts'
import { repositoryOf } from '../github/octokit.ts'
import { legOf } from '../pipeline/state.ts'
import type { GitHubEffects } from './dependencies.ts'

/** Switches off the auto-merge that a merge step switched on, where it still is. */
export function stopAutoMerge({ github, identity }: GitHubEffects): EffectHandler<'stop-auto-merge'> {
  return async (effect, run) => {
    const octokit = await github.installation(run.task.installationId)
    for (const { repository, pull } of effect.legs.map((key) => legOf(run, key))) {
      if (pull !== null) await disableOwnAutoMerge(octokit, repositoryOf(repository), pull.number, identity)
    }
    return null
  }
}
