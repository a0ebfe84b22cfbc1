import { copyFile, cp, mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { JobLeg, JobSpec } from '../../src/contract/job.ts'
import { looseCommit } from '../git/commit-object.ts'
import { GitError } from '../git/git-error.ts'
import { distance, mergeBase, mergeCommits, withObjectsOf } from '../git/history.ts'
import { writeGitDir } from '../git/new-git-dir.ts'
import type { Git } from '../git/run-git.ts'
import { checkOut } from '../git/work-tree.ts'
import type { Log } from '../log.ts'
import type { TokenSource } from '../tokens.ts'
import { differingSettings, excludeLines, NO_DIFFERENCE, restoreSettings } from './base-settings.ts'
import { checkDirectory } from './leg-directory.ts'
import type { Locks } from './locks.ts'
import { type SettledStart, settleSettings } from './merge-settings.ts'
import { type Fetching, type Mirrored, repairMirror, updateMirror } from './mirror.ts'
import { type JobPaths, mirrorPath } from './paths.ts'
import { removeTree } from './remove-tree.ts'
import { withRoom } from './with-room.ts'

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
  /** Agents' settings and instructions that the agent sees as the base has them; names in bytes. Never part of its work. */
  readonly fromBase: readonly string[]
  /** Whether the job is to bring the work branch onto its base: a merge that the start is counts as work. */
  readonly mergesBase: boolean
  readonly notes: readonly string[]
}

export interface WorkspaceDeps {
  readonly git: Git
  readonly locks: Locks
  readonly tokens: TokenSource
  readonly dataDir: string
  readonly log: Log
}

/** What the folder for context files is called; git ignores it in every leg. */
export const CONTEXT_FOLDER = '.switchyard-context'

/**
 * Fetches one repository and makes its two git directories and its checkout. Where its objects cannot be read, the mirror
 * is looked at, and cloned anew if it is broken. Throws {@link GitError}.
 */
export async function prepareLeg(
  deps: WorkspaceDeps,
  spec: JobSpec,
  leg: JobLeg,
  paths: JobPaths,
  signal?: AbortSignal,
): Promise<LegWorkspace> {
  const mirror = mirrorPath(deps.dataDir, leg)
  const collected = spec.collect?.flatMap((each) => (each.leg === leg.key ? [each.head] : [])) ?? []
  const commits = [...new Set([leg.head, leg.from, ...collected].filter((commit) => commit !== undefined))]
  const wanted = { ...leg, commits }
  const fetching: Fetching = (fetch) => deps.tokens(leg, 'fetch', fetch)
  const mirrored = await updateMirror(deps, mirror, paths.root, fetching, wanted, signal)
  const { folder, gitDir } = legPaths(spec, leg, paths)
  const clear = async () => {
    await Promise.all([folder, gitDir].map(removeTree))
  }
  const checkedOut = (from: Mirrored) => withRoom(deps, () => checkOutLeg(deps.git, spec, leg, paths, from), clear)
  try {
    return await checkedOut(mirrored)
  } catch (error) {
    if (!(error instanceof GitError) || error.kind !== 'exit') throw error
    const repaired = await repairMirror(deps, mirror, paths.root, fetching, wanted, 'fsck', signal)
    if (repaired === null) throw error
    deps.log.warn({ repo: leg.repository, error }, 'mirror was broken and was cloned anew')
    await clear()
    return await checkedOut(repaired)
  }
}

async function checkOutLeg(git: Git, spec: JobSpec, leg: JobLeg, paths: JobPaths, mirrored: Mirrored): Promise<LegWorkspace> {
  const { writable, folder, gitDir } = legPaths(spec, leg, paths)
  const start = writable ? await startOfWork(git, spec, leg, mirrored, gitDir) : startOfReading(leg, mirrored)
  const agentGitDir = path.join(folder, '.git')
  const branch = writable || start.commit !== mirrored.base ? leg.workBranch : leg.baseBranch
  const settings = seesTheWorkItself(spec)
    ? NO_DIFFERENCE
    : await differingSettings(withObjectsOf(git, gitDir), mirrored.mirror, mirrored.base, start.commit)
  const plan = {
    mirror: mirrored.mirror,
    branch,
    head: start.commit,
    refs: branch === leg.baseBranch ? {} : { [`refs/heads/${leg.baseBranch}`]: mirrored.base },
    exclude: [`/${CONTEXT_FOLDER}*/`, ...excludeLines(settings)],
  }
  const origin = { [`refs/remotes/origin/${leg.baseBranch}`]: mirrored.base }
  await mkdir(folder, { recursive: true })
  await Promise.all([
    writeGitDir(gitDir, plan),
    writeGitDir(agentGitDir, { ...plan, refs: { ...plan.refs, ...origin }, config: agentConfig(spec, leg) }),
  ])
  // A merge that the work begins with lies here alone: a mirror that is cloned anew has it no more.
  if ((await looseCommit(gitDir, start.commit)) !== null) {
    await cp(path.join(gitDir, 'objects'), path.join(agentGitDir, 'objects'), { recursive: true })
  }
  await checkOut(git, { gitDir, folder }, start.commit)
  await restoreSettings(git, { gitDir, folder }, mirrored.base, settings)
  // A command that cannot start there is red, and says so itself.
  if (spec.mode !== 'validate') await checkDirectory(leg, folder, start.commit)
  // Both see the same files, so the host's index is right for the agent too, and nobody reads the tree twice.
  await copyFile(path.join(gitDir, 'index'), path.join(agentGitDir, 'index'))
  const { base: baseTip, work: remoteHead } = mirrored
  const { commit, ...known } = start
  const fromBase = [...settings.restored, ...settings.removed]
  return { ...legPaths(spec, leg, paths), baseTip, remoteHead, start: commit, ...known, fromBase }
}

/** Validation is of the work as it is, by commands of the configuration: there is no agent who could obey what it says. */
function seesTheWorkItself({ mode }: JobSpec): boolean {
  return mode === 'validate'
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
async function startOfWork(
  git: Git,
  spec: JobSpec,
  leg: JobLeg,
  { mirror, base, work }: Mirrored,
  gitDir: string,
): Promise<Start> {
  const fromBase = { commit: base, resumed: false, onBase: true, notes: [] }
  if (work === null) return leg.from === undefined ? fromBase : { commit: leg.from, resumed: true, onBase: true, notes: [] }
  const { ahead, behind } = await distance(git, mirror, base, work)
  if (ahead === 0) return fromBase
  if (behind === 0) return { commit: work, resumed: true, onBase: true, notes: [] }
  const apart = { resumed: true, onBase: false }
  const common = await mergeBase(git, mirror, base, work)
  const settled = async (): Promise<SettledStart> =>
    await settleSettings(git, { mirror, into: gitDir }, { work, base, common }, { ...leg, author: spec.author })
  if (common === null) {
    const { commit, notes } = spec.mergesBase ? await settled() : { commit: work, notes: [] }
    return {
      ...apart,
      commit,
      notes: [`${leg.repository}: the work branch and ${leg.baseBranch} have no common history.`, ...notes],
    }
  }
  const message = `Merge branch '${leg.baseBranch}' into ${leg.workBranch}\n`
  const merged = await mergeCommits(git, mirror, gitDir, { ours: work, theirs: base, message, author: spec.author })
  if (merged !== null) return { commit: merged, resumed: true, onBase: true, notes: [] }
  if (spec.mergesBase) return { ...apart, ...(await settled()) }
  const note = `${leg.repository}: ${leg.baseBranch} has moved and does not merge cleanly; the work goes on without it.`
  return { ...apart, commit: work, notes: [note] }
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
