/** Repositories of live runs under other names, with other owners or default branches, or out of reach (ING-9). */
import { type Octokit, repositoryOf } from '../../github/octokit.ts'
import { installationOn, type RepositoryInfo, repositoryById, repositoryByName } from '../../github/repositories.ts'
import type { Leg, Run } from '../../pipeline/model.ts'
import type { Intake } from '../handle/intake.ts'
import type { Applying } from './installation.ts'

/** A repository as the App reaches it now. */
export interface Reached {
  info: RepositoryInfo
  installationId: number
}

/**
 * How the App reaches a leg's repository now; null where it is installed there no more; `unknown` where GitHub does not
 * show what it should. GitHub leads from an old name to the new one, so that a transfer to an account where the App is
 * installed too is found from the name alone.
 */
export async function reach(
  { github }: Pick<Intake, 'github'>,
  octokit: Octokit,
  leg: Pick<Leg, 'repositoryId' | 'repository'>,
): Promise<Reached | null | 'unknown'> {
  const seen = await readSame(octokit, leg)
  // Whatever is public can be read, installed or not: only the App itself is told where it is installed.
  const installation = await installationOn(github.app, repositoryOf(seen?.fullName ?? leg.repository))
  if (installation === null) return null
  const info = seen ?? (await readSame(await github.installation(installation.id), leg))
  return info === null ? 'unknown' : { info, installationId: installation.id }
}

/** By its name, which GitHub follows; by its id where another one has taken that name. */
async function readSame(
  octokit: Octokit,
  { repositoryId, repository }: Pick<Leg, 'repositoryId' | 'repository'>,
): Promise<RepositoryInfo | null> {
  const named = await repositoryByName(octokit, repositoryOf(repository))
  return named === null || named.id === repositoryId ? named : repositoryById(octokit, repositoryId)
}

/** Has a run follow one of its repositories, or stop where it cannot; true where something changed. */
export async function followRepository(
  { engine }: Intake,
  run: Run,
  leg: Leg,
  reached: Reached | null | 'unknown',
  { key, actor, sure }: Applying,
): Promise<boolean> {
  if (leg.dropped || reached === 'unknown') return false
  const stop = async (what: string, why: string): Promise<boolean> => {
    if (!sure(`lost:${leg.key}`)) return false
    const trigger = { kind: 'github', what } as const
    await engine.apply(run.id, key(run, `lost:${leg.key}`), { type: 'command.stop', actor, trigger, why })
    return true
  }
  if (reached === null) return stop('repository removed', `Switchyard has no access to ${leg.repository} any more`)
  const { info, installationId } = reached
  const moved = installationId !== run.task.installationId
  if (moved && run.legs.some(({ repositoryId, dropped }) => repositoryId !== leg.repositoryId && !dropped)) {
    const why = `${leg.repository} was transferred to ${info.fullName}, away from the run's other repositories`
    return stop('repository transferred', why)
  }
  const untouched = leg.pull === null && leg.head === null
  const defaultBranch =
    untouched && leg.baseBranch !== info.defaultBranch ? { from: leg.baseBranch, to: info.defaultBranch } : null
  const same = leg.repository === info.fullName && leg.cloneUrl === info.cloneUrl
  if (same && !moved && defaultBranch === null) return false
  const { repositoryId } = leg
  const { fullName: repository, cloneUrl } = info
  const event = { type: 'repository.renamed', repositoryId, repository, cloneUrl, defaultBranch, installationId } as const
  await engine.apply(run.id, key(run, `renamed:${leg.key}`), event)
  return true
}
