/**
 * A run on a pull request adopts it (CMD-1): the run's leg is the pull request as it stands on GitHub. One that only reads
 * may look at any; one that changes code works on the author's own branch, which must be in the same repository.
 */
import type { Configuration } from '../../config/configuration.ts'
import { inWords, quoted } from '../../config/nearest.ts'
import type { RunPlan } from '../../config/settings.ts'
import { stepConfigs } from '../../config/steps.ts'
import type { PullDetails } from '../../github/pull-requests.ts'
import type { RepositoryInfo } from '../../github/repositories.ts'
import type { NewRun } from '../../pipeline/new-run.ts'
import { readsOnly } from '../../pipeline/reads-only.ts'
import { checkShape } from '../../pipeline/shape.ts'

type NewLeg = NewRun['legs'][number]

/** Why it is not done, and what to do instead. */
interface Unfit {
  why: string
  remedy: string
}

type Rules = Pick<Configuration, 'pipelines' | 'onPullRequests' | 'commands'>

/** Why this pipeline cannot run on an issue; null where it can. */
export function unfitForIssue({ pipeline, steps }: RunPlan, { onPullRequests, commands }: Rules): Unfit | null {
  if (!onPullRequests.includes(pipeline) || checkShape(steps).length === 0) return null
  const remedy = `On a pull request \`${commands.prefix} run ${pipeline}\` starts it; on an issue \`${commands.prefix} run\` starts the default one.`
  return { why: `the pipeline ${quoted(pipeline)} is for pull requests`, remedy }
}

/** Why this pipeline cannot run on this pull request; null where it can. */
export function unfitForPull(
  { pipeline, steps }: Pick<RunPlan, 'pipeline' | 'steps'>,
  { pipelines, onPullRequests, commands }: Rules,
  pull: Pick<PullDetails, 'headBranch' | 'headRepositoryId' | 'baseRepositoryId'>,
  { fullName, defaultBranch }: Pick<RepositoryInfo, 'fullName' | 'defaultBranch'>,
): Unfit | null {
  if (readsOnly(steps)) return null
  const reading = Object.entries(pipelines).flatMap(([name, each]) => (readsOnly(stepConfigs(each)) ? [name] : []))
  if (!onPullRequests.includes(pipeline)) {
    const fit = [...new Set([...onPullRequests, ...reading])].map(quoted)
    return {
      why: `the pipeline ${quoted(pipeline)} changes code and is not one for pull requests`,
      remedy: `Here those are: ${inWords(fit, 'and')}.`,
    }
  }
  const look = reading.includes('review') ? ` \`${commands.prefix} review\` has it looked at where it is.` : ''
  if (!isOwnBranch(pull)) {
    return {
      why: 'it comes from a fork, and to a fork Switchyard pushes nothing',
      remedy: `Push its branch into ${fullName} and open the pull request from there.${look}`,
    }
  }
  if (pull.headBranch === defaultBranch) {
    return {
      why: `its branch is ${quoted(defaultBranch)}, the default branch of the repository, to which Switchyard pushes nothing`,
      remedy: `Open the pull request from a branch of its own.${look}`,
    }
  }
  return null
}

/** A fork's branch is not one of this repository, also when the fork is gone. */
function isOwnBranch({ headRepositoryId, baseRepositoryId }: Pick<PullDetails, 'headRepositoryId' | 'baseRepositoryId'>) {
  return headRepositoryId === baseRepositoryId
}

/**
 * The legs of a run on this pull request: its own repository at the pull request's head, the others to be read beside it.
 * Its own is read only too where the pipeline only reads, so that nothing can be pushed whatever a step asks for.
 */
export function adoptedLegs(
  legs: readonly NewLeg[],
  { pull, head, headBranch, ...seen }: PullDetails,
  steps: RunPlan['steps'],
): NewLeg[] {
  // A fork's branch may have the name of one of ours, even of the base.
  const own = isOwnBranch(seen)
  const workBranch = own ? headBranch : `pull/${pull.number}/head`
  const access = own && !readsOnly(steps) ? 'write' : 'read'
  return legs.map((leg): NewLeg => {
    if (leg.role !== 'primary') return { ...leg, access: 'read', workBranch }
    return { ...leg, access, baseBranch: seen.base, workBranch, head, pull }
  })
}
