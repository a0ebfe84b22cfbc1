/**
 * A run on a pull request adopts it (CMD-1): the run's leg is the pull request as it stands on GitHub. For now only
 * pipelines that read may; every leg is read-only, so that nothing can be pushed whatever a step asks for.
 */
import type { Configuration } from '../../config/configuration.ts'
import { inWords, quoted } from '../../config/nearest.ts'
import type { RunPlan } from '../../config/settings.ts'
import { stepConfigs } from '../../config/steps.ts'
import type { PullDetails } from '../../github/pull-requests.ts'
import type { NewRun } from '../../pipeline/new-run.ts'
import { readsOnly } from '../../pipeline/reads-only.ts'

type NewLeg = NewRun['legs'][number]

/** Why this pipeline cannot run on a pull request, and what to do; null where it can. */
export function unfitForPull(plan: RunPlan, { pipelines }: Configuration): { why: string; remedy: string } | null {
  if (readsOnly(plan.steps)) return null
  const fit = Object.entries(pipelines).flatMap(([name, steps]) => (readsOnly(stepConfigs(steps)) ? [quoted(name)] : []))
  const which = fit.length === 0 ? 'There is none here.' : `Here these are: ${inWords(fit, 'and')}.`
  return {
    why: `the pipeline ${quoted(plan.pipeline)} changes code, which a run on a pull request cannot do yet`,
    remedy: `On a pull request only pipelines that read can run. ${which}`,
  }
}

/** The legs of a run on this pull request: its own repository at the pull request's head, the others to be read beside it. */
export function adoptedLegs(legs: readonly NewLeg[], { pull, head, headBranch, ...seen }: PullDetails): NewLeg[] {
  // A fork's branch is not one of this repository: it may have the name of one, even of the base.
  const own = seen.headRepositoryId === seen.baseRepositoryId
  const workBranch = own ? headBranch : `pull/${pull.number}/head`
  return legs.map((leg): NewLeg => {
    if (leg.role !== 'primary') return { ...leg, access: 'read', workBranch }
    return { ...leg, access: 'read', baseBranch: seen.base, workBranch, head, pull }
  })
}
