import type { EffectHandler } from '../engine/effects.ts'
import { deleteBranch } from '../github/branches.ts'
import { repositoryOf } from '../github/octokit.ts'
import { closePull, getPull } from '../github/pull-requests.ts'
import { legOf } from '../pipeline/state.ts'
import type { GitHubEffects } from './dependencies.ts'
import { deleteCallBranches } from './workflow/call-branches.ts'

/** Closes what a stopped run left open and deletes its work branches, at a person's word (CS-8). What is merged stays. */
export function cleanUp(dependencies: GitHubEffects): EffectHandler<'clean-up'> {
  const { github } = dependencies
  return async (effect, run) => {
    const octokit = await github.installation(run.task.installationId)
    const closed = []
    for (const key of effect.legs) {
      const leg = legOf(run, key)
      const repository = repositoryOf(leg.repository)
      let seen = leg.pull === null ? null : await getPull(octokit, repository, leg.pull.number)
      if (seen?.pull.state === 'merged') continue
      if (seen?.pull.state === 'open') {
        await closePull(octokit, repository, seen.pull.number)
        seen = await getPull(octokit, repository, seen.pull.number)
      }
      await deleteBranch(octokit, repository, leg.workBranch)
      if (seen !== null) closed.push({ leg: key, pull: seen.pull, head: seen.head })
    }
    if (effect.calls === true) await deleteCallBranches(dependencies, run, 'all')
    return { type: 'cleaned.up', effect: effect.id, pulls: closed }
  }
}
