import { copyFile, mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { JobLeg, JobSpec } from '../../src/contract/job.ts'
import { distance, mergeBase, mergeCommits } from '../git/history.ts'
import { writeGitDir } from '../git/new-git-dir.ts'
import type { Git } from '../git/run-git.ts'
import { checkOut } from '../git/work-tree.ts'
import type { TokenSource } from '../tokens.ts'
import type { Locks } from './locks.ts'
import { type Mirrored, updateMirror } from './mirror.ts'
import { type JobPaths, mirrorPath } from './paths.ts'

/** One leg, ready for the agent. */
export interface LegWorkspace {
  readonly leg: JobLeg
  /** Whether what the agent does here is pushed. */
  readonly writable: boolean
  /** The agent's clone. Nothing of git may be run on its `.git`. */
  readonly folder: string
  /** The host's clean git directory for the same folder. */
  readonly gitDir: string
  /** The tip of the base branch. */
  readonly baseTip: string
  /** The remote work branch's head when the job began, or null where there was none. */
  readonly remoteHead: string | null
  /** The commit that the agent starts on. */
  readonly start: string
  /** Whether the agent goes on with work of an earlier job. */
  readonly resumed: boolean
  /** Whether the start has the base's newest commit in it; not so where that does not merge cleanly. */
  readonly onBase: boolean
  /** Whether the job is to bring the work branch onto its base: a merge that the start is counts as work. */
  readonly mergesBase: boolean
  readonly notes: readonly string[]
}

export interface WorkspaceDeps {
  readonly git: Git
  readonly locks: Locks
  readonly tokens: TokenSource
  readonly dataDir: string
}

/** What the folder for context files is called; git ignores it in every leg. */
export const CONTEXT_FOLDER = '.switchyard-context'

/** Fetches one repository and makes its two git directories and its checkout. Throws `GitError`. */
export async function prepareLeg(
  deps: WorkspaceDeps,
  spec: JobSpec,
  leg: JobLeg,
  paths: JobPaths,
  signal?: AbortSignal,
): Promise<LegWorkspace> {
  const credential = { url: leg.cloneUrl, token: await deps.tokens(leg, 'fetch') }
  const mirrored = await updateMirror(deps, mirrorPath(deps.dataDir, leg), credential, { ...leg, commit: leg.head }, signal)
  const { writable, folder, gitDir } = legPaths(spec, leg, paths)
  const start = writable ? await startOfWork(deps.git, spec, leg, mirrored) : startOfReading(leg, mirrored)
  const agentGitDir = path.join(folder, '.git')
  const branch = writable || start.commit !== mirrored.base ? leg.workBranch : leg.baseBranch
  const plan = {
    mirror: mirrored.mirror,
    branch,
    head: start.commit,
    refs: branch === leg.baseBranch ? {} : { [`refs/heads/${leg.baseBranch}`]: mirrored.base },
    exclude: [`/${CONTEXT_FOLDER}*/`],
  }
  const origin = { [`refs/remotes/origin/${leg.baseBranch}`]: mirrored.base }
  await mkdir(folder, { recursive: true })
  await Promise.all([
    writeGitDir(gitDir, plan),
    writeGitDir(agentGitDir, { ...plan, refs: { ...plan.refs, ...origin }, config: agentConfig(spec, leg) }),
  ])
  await checkOut(deps.git, { gitDir, folder }, start.commit)
  // Both see the same files, so the host's index is right for the agent too, and nobody reads the tree twice.
  await copyFile(path.join(gitDir, 'index'), path.join(agentGitDir, 'index'))
  const { base: baseTip, work: remoteHead } = mirrored
  const { commit, ...known } = start
  return { ...legPaths(spec, leg, paths), baseTip, remoteHead, start: commit, ...known }
}

/** What is known of a leg's workspace without looking: where it is and whether it may be written. */
export function legPaths(spec: JobSpec, leg: JobLeg, paths: JobPaths) {
  return {
    leg,
    writable: spec.mode === 'code' && leg.access === 'write',
    mergesBase: spec.mergesBase,
    folder: path.join(paths.work, leg.key),
    gitDir: path.join(paths.host, `${leg.key}.git`),
  }
}

interface Start {
  readonly commit: string
  readonly resumed: boolean
  readonly onBase: boolean
  readonly notes: readonly string[]
}

function startOfReading(leg: JobLeg, mirrored: Mirrored): Start {
  return { commit: leg.head ?? mirrored.work ?? mirrored.base, resumed: false, onBase: true, notes: [] }
}

/**
 * Where work begins: on the base, or on the work branch if it is on the remote and has something the base has not. The
 * latest base is merged in when that is clean; when it is not, the work goes on as it is and the conflict gate judges.
 */
async function startOfWork(git: Git, spec: JobSpec, leg: JobLeg, { mirror, base, work }: Mirrored): Promise<Start> {
  const fromBase = { commit: base, resumed: false, onBase: true, notes: [] }
  if (work === null) return fromBase
  const { ahead, behind } = await distance(git, mirror, base, work)
  if (ahead === 0) return fromBase
  if (behind === 0) return { commit: work, resumed: true, onBase: true, notes: [] }
  if ((await mergeBase(git, mirror, base, work)) === null) {
    return {
      commit: work,
      resumed: true,
      onBase: false,
      notes: [`${leg.repository}: the work branch and ${leg.baseBranch} have no common history.`],
    }
  }
  const message = `Merge branch '${leg.baseBranch}' into ${leg.workBranch}\n`
  const merged = await mergeCommits(git, mirror, { ours: work, theirs: base, message, author: spec.author })
  if (merged !== null) return { commit: merged, resumed: true, onBase: true, notes: [] }
  const note = `${leg.repository}: ${leg.baseBranch} has moved and does not merge cleanly; the work goes on without it.`
  return { commit: work, resumed: true, onBase: false, notes: spec.mergesBase ? [] : [note] }
}

function agentConfig(spec: JobSpec, leg: JobLeg): string {
  const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&').replace(/[\n\r]/g, ' ')}"`
  return [
    '[user]',
    `\tname = ${quoted(spec.author.name)}`,
    `\temail = ${quoted(spec.author.email)}`,
    '[remote "origin"]',
    `\turl = ${quoted(leg.cloneUrl)}`,
    '\tfetch = +refs/heads/*:refs/remotes/origin/*',
    '[gc]',
    '\tauto = 0',
    '',
  ].join('\n')
}
