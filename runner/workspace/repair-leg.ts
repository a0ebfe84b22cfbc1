import { GitError } from '../git/git-error.ts'
import type { Log } from '../log.ts'
import type { TokenSource } from '../tokens.ts'
import { type Fetching, type MirrorDeps, repairMirror } from './mirror.ts'
import { type JobPaths, mirrorPath } from './paths.ts'
import type { LegWorkspace } from './prepare-leg.ts'

export interface RepairDeps extends MirrorDeps {
  readonly tokens: TokenSource
  readonly log: Log
}

type Leg = Pick<LegWorkspace, 'leg' | 'baseTip' | 'remoteHead'>

/**
 * Gives a leg its mirror back where that was lost or damaged while the agent worked: both of its git directories have their
 * older objects there. Gives whether there was something to repair.
 */
export async function repairLeg(
  deps: RepairDeps,
  { leg, baseTip, remoteHead }: Leg,
  paths: Pick<JobPaths, 'root'>,
  how: 'look' | 'fsck',
): Promise<boolean> {
  const fetching: Fetching = (fetch) => deps.tokens(leg, 'fetch', fetch)
  const wanted = { ...leg, commits: remoteHead === null ? [baseTip] : [baseTip, remoteHead] }
  const repaired = await repairMirror(deps, mirrorPath(deps.dataDir, leg), paths.root, fetching, wanted, how)
  if (repaired !== null) deps.log.warn({ repo: leg.repository }, 'mirror was lost during the job and was cloned anew')
  return repaired !== null
}

/** Does what needs a leg's objects, and once more where they could not be read and its mirror was repaired. */
export async function withRepair<T>(
  deps: RepairDeps,
  workspace: Leg,
  paths: Pick<JobPaths, 'root'>,
  how: 'look' | 'fsck',
  action: () => Promise<T>,
): Promise<T> {
  try {
    return await action()
  } catch (error) {
    if (!(error instanceof GitError) || error.kind !== 'exit' || !(await repairLeg(deps, workspace, paths, how))) throw error
    return await action()
  }
}
