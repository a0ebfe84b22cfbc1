import type { HeadSha, LegKey } from '../contract/ids.ts'
import type { EffectHandler } from '../engine/effects.ts'
import { observeChecks } from '../github/observe-checks.ts'
import { repositoryOf } from '../github/octokit.ts'
import type { LegChecks } from '../pipeline/events.ts'
import type { Run } from '../pipeline/model.ts'
import { legOf } from '../pipeline/state.ts'
import type { GitHubEffects } from './dependencies.ts'

/** Asks GitHub for the checks of each head; changes nothing. */
export function askChecks(dependencies: GitHubEffects): EffectHandler<'ask-checks'> {
  return async (effect, run) => ({
    type: 'checks.reported',
    effect: effect.id,
    legs: await checksOf(dependencies, run, effect.legs),
  })
}

/** What GitHub says of the checks of these heads, all legs at once. */
export async function checksOf(
  { github, identity, redactor, log }: GitHubEffects,
  run: Run,
  heads: readonly { leg: LegKey; head: HeadSha }[],
): Promise<LegChecks[]> {
  const octokit = await github.installation(run.task.installationId)
  return Promise.all(
    heads.map(async ({ leg: key, head }) => {
      const { repository, workBranch, baseBranch } = legOf(run, key)
      const observed = { leg: key, head, workBranch, baseBranch }
      const { checks, unknown } = await observeChecks(octokit, repositoryOf(repository), observed, {
        appId: identity.appId,
        redactor,
      })
      if (unknown.length > 0)
        log.info({ run: run.id, repo: repository, unknown }, 'GitHub would not say everything about the checks')
      return checks
    }),
  )
}
