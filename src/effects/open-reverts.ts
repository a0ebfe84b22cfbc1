import { crashPoint } from '../contract/crash-point.ts'
import { failureOf, SwitchyardError } from '../contract/failure.ts'
import type { EffectHandler } from '../engine/effects.ts'
import { isRefusal } from '../github/errors.ts'
import { readPull } from '../github/merge-pull.ts'
import { type Octokit, repositoryOf } from '../github/octokit.ts'
import { findRevert, openRevert } from '../github/reverts.ts'
import type { RunEventOf } from '../pipeline/events.ts'
import type { Leg, PullRequest, Run } from '../pipeline/model.ts'
import { legOf } from '../pipeline/state.ts'
import type { GitHubEffects } from './dependencies.ts'

/** Opens, or finds, a pull request per leg that takes its merged one back. What worked is kept although another failed. */
export function openReverts(dependencies: GitHubEffects): EffectHandler<'open-reverts'> {
  return async (effect, run) => {
    const octokit = await dependencies.github.installation(run.task.installationId)
    const opened: RunEventOf<'reverts.opened'>['opened'] = []
    const failed: RunEventOf<'reverts.opened'>['failed'] = []
    for (const leg of effect.legs.map((key) => legOf(run, key))) {
      try {
        opened.push({ leg: leg.key, pull: await revertOf(dependencies, octokit, run, leg) })
        crashPoint('pull-request-opened')
      } catch (error) {
        const failure = failureOf(error, 'api')
        // It passes by itself: the effect is tried again, and finds what was opened.
        if (failure.cause === 'rate-limit') throw error
        dependencies.log.warn({ err: error, run: run.id, repo: leg.repository }, 'Revert not opened')
        failed.push({ leg: leg.key, failure: isRefusal(error) ? { ...failure, cause: 'conflict' } : failure })
      }
    }
    return { type: 'reverts.opened', effect: effect.id, opened, failed }
  }
}

async function revertOf({ identity }: GitHubEffects, octokit: Octokit, run: Run, leg: Leg): Promise<PullRequest> {
  const repository = repositoryOf(leg.repository)
  const merged = leg.pull === null ? null : await readPull(octokit, repository, leg.pull.number)
  if (merged?.pull.state !== 'merged') {
    const message = `Nothing is merged in ${leg.repository} that could be taken back.`
    throw new SwitchyardError({ cause: 'no-changes', message })
  }
  const { number } = merged.pull
  const marker = `<!-- switchyard:revert run=${run.id} leg=${leg.key} -->`
  const of = { number, branch: merged.headBranch, base: merged.base }
  const found = await findRevert(octokit, repository, of, { marker, authorId: identity.botId })
  if (found !== null) return found
  const body = `${marker}\nReverts ${leg.repository}#${number}, which was made for ${run.task.url}.`
  return openRevert(octokit, merged.pull, body)
}
