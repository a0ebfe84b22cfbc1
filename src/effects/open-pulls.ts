import { crashPoint } from '../contract/crash-point.ts'
import { failureOf } from '../contract/failure.ts'
import type { LegKey } from '../contract/ids.ts'
import type { EffectHandler } from '../engine/effects.ts'
import { commitsAhead } from '../github/branches.ts'
import { type Octokit, repositoryOf } from '../github/octokit.ts'
import { createDraft, findPullByHead, type PullDetails } from '../github/pull-requests.ts'
import type { RunEventOf } from '../pipeline/events.ts'
import type { Leg, PullRequest, Run } from '../pipeline/model.ts'
import { legOf } from '../pipeline/state.ts'
import { renderPullRequest } from '../render/pull-request.ts'
import { putProjection } from '../store/projections.ts'
import type { GitHubEffects } from './dependencies.ts'
import { pullTemplate } from './pull-template.ts'
import { pullBodyDigest, pullBodyKey } from './show/pull-bodies.ts'

/** Opens, or finds, a draft pull request per leg. What worked is kept although another leg failed (CS-3). */
export function openPulls(dependencies: GitHubEffects): EffectHandler<'open-pulls'> {
  return async (effect, run) => {
    const octokit = await dependencies.github.installation(run.task.installationId)
    const opened: RunEventOf<'pulls.opened'>['opened'] = []
    const failed: RunEventOf<'pulls.opened'>['failed'] = []
    // Each body links what was opened before it, so that the last one need not be written again.
    let known = run
    for (const leg of effect.legs.map((key) => legOf(run, key))) {
      try {
        const { pull, head } = await openPull(dependencies, octokit, known, leg)
        opened.push({ leg: leg.key, pull, head })
        known = withPull(known, leg.key, pull)
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

/**
 * One that is open from the work branch already is this run's: the branch's name has the run's id in it. So is one that a
 * person has merged before the run heard of it, unless there is work beyond it.
 */
async function openPull({ redactor, store }: GitHubEffects, octokit: Octokit, known: Run, leg: Leg): Promise<PullDetails> {
  const repository = repositoryOf(leg.repository)
  const existing = await findPullByHead(octokit, repository, leg.workBranch)
  if (existing?.pull.state === 'open') return existing
  if (existing?.pull.state === 'merged' && leg.head !== null) {
    const beyond = await commitsAhead(octokit, repository, existing.head, leg.head)
    if (beyond === 0) return existing
  }
  // Its own number stands nowhere in its body, but it has a place in the list.
  const run = withPull(known, leg.key, TO_BE_OPENED)
  const { title, body } = renderPullRequest({ run, leg, template: await pullTemplate(octokit, repository) })
  const wanted = { branch: leg.workBranch, base: leg.baseBranch, title: redactor.redact(title), body: redactor.redact(body) }
  const created = await createDraft(octokit, repository, wanted)
  // One that somebody else opened in between has another body, which is written over as any other that differs.
  if (created.body === wanted.body) {
    const shown = { externalId: String(created.pull.number), digest: pullBodyDigest(run, leg) }
    await putProjection(store.db, run.id, pullBodyKey(leg.key), shown)
  }
  return created
}

const TO_BE_OPENED: PullRequest = { number: 0, nodeId: '', url: '', state: 'open', draft: true, mergedAt: null, mergeSha: null }

function withPull(run: Run, key: LegKey, pull: PullRequest): Run {
  return { ...run, legs: run.legs.map((leg) => (leg.key === key ? { ...leg, pull } : leg)) }
}
