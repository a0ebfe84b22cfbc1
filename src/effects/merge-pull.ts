import { crashPoint } from '../contract/crash-point.ts'
import { type Cause, SwitchyardError } from '../contract/failure.ts'
import type { EffectHandler } from '../engine/effects.ts'
import type { MergeRefusal } from '../github/merge-pull.ts'
import { mergeByRules } from '../github/merge-queue.ts'
import { repositoryOf } from '../github/octokit.ts'
import { legOf } from '../pipeline/state.ts'
import type { GitHubEffects } from './dependencies.ts'

/** What each refusal is a case of. */
const CAUSES: Readonly<Record<MergeRefusal, Cause>> = {
  'head-moved': 'conflict',
  'not-mergeable': 'conflict',
  closed: 'rejected',
  invalid: 'config',
}

/**
 * Merges one pull request at exactly the head that the decision named, or has GitHub do it: through the branch's merge
 * queue, or by auto-merge. Merged or waiting at it already counts.
 */
export function mergePullEffect({ github }: GitHubEffects): EffectHandler<'merge-pull'> {
  return async (effect, run) => {
    const leg = legOf(run, effect.leg)
    if (leg.pull === null)
      throw new SwitchyardError({ cause: 'internal', message: `${leg.repository} has no pull request to merge.` })
    const octokit = await github.installation(run.task.installationId)
    const wanted = { sha: effect.head, method: effect.method, auto: effect.auto }
    const answer = await mergeByRules(octokit, repositoryOf(leg.repository), leg.pull.number, wanted)
    crashPoint('merge-called')
    if (answer.status === 'queued') {
      return { type: 'merge.queued', effect: effect.id, leg: leg.key, head: effect.head, by: answer.by }
    }
    if (answer.status === 'merged') {
      return { type: 'pull.merged', effect: effect.id, leg: leg.key, head: answer.pull.head, pull: answer.pull.pull }
    }
    const message = `GitHub did not merge ${leg.repository}#${leg.pull.number}: ${answer.message}`
    return { type: 'merge.refused', effect: effect.id, leg: leg.key, failure: { cause: CAUSES[answer.why], message } }
  }
}
