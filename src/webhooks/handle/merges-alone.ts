/**
 * A run that merges by itself, with nobody's approval before, merges on the word of whoever started it. So that person must
 * be one who may merge in every repository that it could write to; a permission is a repository's, not an installation's.
 */
import { authoriseElsewhere } from '../../commands/decided-elsewhere.ts'
import type { Configuration } from '../../config/configuration.ts'
import { inWords } from '../../config/nearest.ts'
import type { RunPlan } from '../../config/settings.ts'
import { type Octokit, repositoryOf } from '../../github/octokit.ts'
import type { NewRun } from '../../pipeline/new-run.ts'
import type { Person } from '../intents.ts'
import type { Intake } from './intake.ts'
import { permissionOf } from './permission.ts'
import type { Refusal } from './plan-start.ts'

/** Whether it merges without a person who says so: neither at the merge nor by approving before. */
export function mergesAlone({ steps, settings }: Pick<RunPlan, 'steps' | 'settings'>): boolean {
  const enabled = steps.filter(({ enabled: on }) => on)
  const merge = enabled.findIndex(({ kind, by }) => kind === 'merge' && (by ?? settings.merge.by) !== 'person')
  // An approval that an estimate can make unneeded is none.
  return merge !== -1 && !enabled.slice(0, merge).some(({ kind, when }) => kind === 'approval' && when === undefined)
}

/** Why such a run is not started, and what to do; null where nothing is in the way. */
export async function unmergeableElsewhere(
  { log }: Pick<Intake, 'log'>,
  octokit: Octokit,
  { actor, repository }: { actor: Person; repository: { fullName: string } },
  plan: Pick<RunPlan, 'steps' | 'settings'>,
  legs: readonly Pick<NewRun['legs'][number], 'repository' | 'access' | 'role'>[],
  { merge }: Pick<Configuration, 'merge'>,
): Promise<Refusal | null> {
  const others = legs
    .filter((leg) => leg.access === 'write' && leg.repository.toLowerCase() !== repository.fullName.toLowerCase())
    .map((leg) => leg.repository)
  if (others.length === 0 || !mergesAlone(plan)) return null
  const remedy =
    'Put an `approval` step before the merge or set `merge.by` to `person` in `.github/switchyard.yml`; or take the repository out of `peers`, or make it a `reference`.'
  if (actor.type !== 'User') {
    return { why: `it would merge into ${inWords(others, 'and')} without anybody who may merge there`, remedy }
  }
  const roles = await Promise.all(
    others.map(async (name) => ({
      repository: name,
      permission: await permissionOf(log, octokit, repositoryOf(name), actor),
    })),
  )
  const allowed = authoriseElsewhere(merge.permissions, roles)
  return allowed.allowed ? null : { why: `the run merges by itself: ${allowed.why}`, remedy: `${allowed.who} ${remedy}` }
}
