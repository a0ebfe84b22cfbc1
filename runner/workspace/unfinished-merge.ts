import type { Failure } from '../../src/contract/failure.ts'
import { conflictMarkers } from '../git/conflict-markers.ts'
import { contains } from '../git/history.ts'
import type { Git } from '../git/run-git.ts'
import type { Gathered } from './gather-leg.ts'
import type { LegBranch } from './leg-branch.ts'

/** Most paths that a sentence names. */
const PATHS_IN_MESSAGE = 10

interface Leg {
  readonly branch: LegBranch
  readonly gathered: Pick<Gathered, 'commit'>
}

/**
 * What a job that had to merge the base left undone (GATE-6), or null where every leg is merged: each contains the newest
 * commit of its base, and no file has a conflict marker that neither side had. A commit has no unmerged paths, so what is
 * left of them shows as one of these. Throws `GitError`.
 */
export async function unfinishedMerge(git: Git, legs: readonly Leg[]): Promise<Failure | null> {
  const faults = (await Promise.all(legs.map((leg) => faultOf(git, leg)))).filter((fault) => fault !== null)
  if (faults.length === 0) return null
  const message = `Nothing was pushed, as the merge is not finished: ${faults.map(({ sentence }) => sentence).join(' ')}`
  const detail = faults.flatMap(({ paths }) => paths).join('\n')
  return { cause: 'conflict', message: message.slice(0, 2_000), ...(detail === '' ? {} : { detail: detail.slice(0, 20_000) }) }
}

async function faultOf(git: Git, { branch, gathered }: Leg): Promise<{ sentence: string; paths: string[] } | null> {
  const { leg, gitDir, baseTip, remoteHead, writable } = branch.workspace
  if (!writable || gathered.commit === baseTip) return null
  if (!(await contains(git, gitDir, gathered.commit, baseTip))) {
    const base = `${leg.baseBranch} (${baseTip.slice(0, 12)})`
    return { sentence: `${leg.repository}: ${base} is not in the history of ${leg.workBranch}.`, paths: [] }
  }
  const sides = remoteHead === null ? [baseTip] : [baseTip, remoteHead]
  const paths = await conflictMarkers(git, gitDir, gathered.commit, sides)
  if (paths.length === 0) return null
  const named = paths.slice(0, PATHS_IN_MESSAGE).join(', ')
  const more = paths.length > PATHS_IN_MESSAGE ? ` and ${paths.length - PATHS_IN_MESSAGE} more` : ''
  return {
    sentence: `${leg.repository}: there are conflict markers in ${named}${more}.`,
    paths: paths.map((file) => `${leg.repository}: ${file}`),
  }
}
