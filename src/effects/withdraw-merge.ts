import type { EffectHandler } from '../engine/effects.ts'
import { disableOwnAutoMerge } from '../github/auto-merge.ts'
import { dequeueOwn } from '../github/merge-queue.ts'
import { repositoryOf } from '../github/octokit.ts'
import { legOf } from '../pipeline/state.ts'
import type { GitHubEffects } from './dependencies.ts'

/** Takes what a merge step left to GitHub out of its merge queue and switches auto-merge off, where that still is so. */
export function withdrawMerge({ github, identity }: GitHubEffects): EffectHandler<'withdraw-merge'> {
  return async (effect, run) => {
    const octokit = await github.installation(run.task.installationId)
    for (const { repository, pull } of effect.legs.map((key) => legOf(run, key))) {
      if (pull === null) continue
      // Auto-merge first: where there is a queue it would put the pull request in again.
      await disableOwnAutoMerge(octokit, repositoryOf(repository), pull.number, identity)
      await dequeueOwn(octokit, repositoryOf(repository), pull.number, identity)
    }
    return null
  }
}
