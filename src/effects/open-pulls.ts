import { crashPoint } from '../contract/crash-point.ts'
import { failureOf } from '../contract/failure.ts'
import type { EffectHandler } from '../engine/effects.ts'
import { type Octokit, repositoryOf } from '../github/octokit.ts'
import { createDraft, findPullByHead } from '../github/pull-requests.ts'
import type { RunEventOf } from '../pipeline/events.ts'
import type { Leg, Run } from '../pipeline/model.ts'
import { legOf } from '../pipeline/state.ts'
import { renderPullRequest } from '../render/pull-request.ts'
import type { GitHubEffects } from './dependencies.ts'
import { pullTemplate } from './pull-template.ts'

/** Opens, or finds, a draft pull request per leg. What worked is kept although another leg failed (CS-3). */
export function openPulls(dependencies: GitHubEffects): EffectHandler<'open-pulls'> {
  return async (effect, run) => {
    const octokit = await dependencies.github.installation(run.task.installationId)
    const opened: RunEventOf<'pulls.opened'>['opened'] = []
    const failed: RunEventOf<'pulls.opened'>['failed'] = []
    for (const leg of effect.legs.map((key) => legOf(run, key))) {
      try {
        opened.push({ leg: leg.key, pull: await openPull(dependencies, octokit, run, leg) })
        crashPoint('pull-request-opened')
      } catch (error) {
        const failure = failureOf(error, 'api')
        // It passes by itself: the effect is tried again, and finds what was opened.
        if (failure.cause === 'rate-limit') throw error
        dependencies.log.warn({ err: error, run: run.id, repo: leg.repository }, 'Pull request not opened')
        failed.push({ leg: leg.key, failure })
      }
    }
    return { type: 'pulls.opened', effect: effect.id, opened, failed }
  }
}

/** One that is open from the work branch already is this run's: the branch's name has the run's id in it. */
async function openPull({ redactor }: GitHubEffects, octokit: Octokit, run: Run, leg: Leg) {
  const repository = repositoryOf(leg.repository)
  const existing = await findPullByHead(octokit, repository, leg.workBranch)
  if (existing?.pull.state === 'open') return existing.pull
  const { title, body } = renderPullRequest({ run, leg, template: await pullTemplate(octokit, repository) })
  const wanted = { branch: leg.workBranch, base: leg.baseBranch, title: redactor.redact(title), body: redactor.redact(body) }
  return (await createDraft(octokit, repository, wanted)).pull
}
