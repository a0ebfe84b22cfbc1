import type { EffectHandler } from '../engine/effects.ts'
import { repositoryOf } from '../github/octokit.ts'
import { rerunChecks as rerun } from '../github/rerun-checks.ts'
import { legOf } from '../pipeline/state.ts'
import type { GitHubEffects } from './dependencies.ts'

/** Longest reason that is told, in characters. */
const REASON_MAX = 1_000

/** Has failing jobs run again (GATE-4). What cannot be run again is said, and is no failure. */
export function rerunChecks({ github }: GitHubEffects): EffectHandler<'rerun-checks'> {
  return async (effect, run) => {
    const octokit = await github.installation(run.task.installationId)
    const refused: string[] = []
    let count = 0
    for (const { leg, head, names } of effect.legs) {
      const repository = repositoryOf(legOf(run, leg).repository)
      const result = await rerun(octokit, repository, { head, names })
      count += result.rerun
      refused.push(...result.refused)
    }
    const why = refused.length === 0 ? null : refused.join('; ').slice(0, REASON_MAX)
    return { type: 'checks.rerun', effect: effect.id, rerun: count, refused: why }
  }
}
