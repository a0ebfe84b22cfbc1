import { lstat } from 'node:fs/promises'
import path from 'node:path'
import type { LegResult } from '../../src/contract/job.ts'
import type { Author } from '../git/commit-object.ts'
import { moveBranch } from '../git/new-git-dir.ts'
import type { Git } from '../git/run-git.ts'
import { commitPaths, type Edits, listEdits, readIndex, shownName } from '../git/work-tree.ts'
import { fastForward, takeAgentHead } from './agent-head.ts'
import type { LegWorkspace } from './prepare-leg.ts'
import { scratchPart, UNTRACKED_MAX_BYTES } from './scratch.ts'

type LeftOut = LegResult['leftOut'][number]

/** Most paths that a result names; the contract's bound. */
const PATHS_MAX = 1_000
/** How many paths a commit made for the agent names in its message. */
const PATHS_IN_MESSAGE = 20

/** What the agent's work on one leg comes to, in the host's git directory, nothing pushed yet. */
export interface Gathered {
  /** The commit to push; the start where there is nothing new. */
  readonly commit: string
  readonly committedForAgent: readonly string[]
  readonly leftOut: readonly LeftOut[]
  readonly notes: readonly string[]
}

/**
 * Takes over what the agent committed in a leg and commits for it what it forgot. Where it may not write, its edits are
 * only named. No process of the agent may be alive any more. Throws `GitError`.
 *
 * @param remote the remote work branch's head by now, checkpoints included
 */
export async function gatherLeg(git: Git, workspace: LegWorkspace, remote: string | null, author: Author): Promise<Gathered> {
  if (!workspace.writable) return await discardedEdits(git, workspace)
  const { gitDir, folder, leg, start } = workspace
  const head = await takeAgentHead(git, workspace)
  if (head.checkedOut !== start) {
    await moveBranch(gitDir, leg.workBranch, head.checkedOut)
    await readIndex(git, { gitDir, folder }, head.checkedOut)
  }
  const { commit, transplanted } = await fastForward(git, workspace, head.commit, remote, author)
  const rewritten = `${leg.repository}: the agent rewrote pushed commits; its files were put on top of them as one commit.`
  const notes = transplanted ? [...head.notes, rewritten] : head.notes
  const edits = withoutFromBase(await listEdits(git, { gitDir, folder }), workspace)
  if (head.checkedOut !== head.commit) return { ...elsewhere(edits, commit), notes }
  const { taken, leftOut } = await sortEdits(folder, edits)
  if (taken.length === 0) return { commit, committedForAgent: [], leftOut, notes }
  const message = messageFor(taken.map(shownName))
  const changed = taken.filter((file) => !edits.deleted.has(file))
  const deleted = [...edits.deleted]
  const committed = await commitPaths(git, { gitDir, folder }, { parent: commit, changed, deleted, message, author })
  return { commit: committed, committedForAgent: taken.slice(0, PATHS_MAX).map(shownName), leftOut, notes }
}

/** What was restored from the base for the agent's view is no edit, whatever became of it. */
function withoutFromBase(edits: Edits, { fromBase }: LegWorkspace): Edits {
  if (fromBase.length === 0) return edits
  const hidden = new Set(fromBase)
  const kept = (files: Iterable<string>): string[] => [...files].filter((file) => !hidden.has(file))
  return { ...edits, tracked: kept(edits.tracked), deleted: new Set(kept(edits.deleted)), untracked: kept(edits.untracked) }
}

async function discardedEdits(git: Git, workspace: LegWorkspace): Promise<Gathered> {
  const { gitDir, folder, leg, start } = workspace
  const edits = withoutFromBase(await listEdits(git, { gitDir, folder }), workspace)
  const why = leg.access === 'read' ? ('read-only' as const) : ('explore' as const)
  const leftOut = [...edits.tracked, ...edits.untracked, ...edits.nested].map((file) => ({ path: shownName(file), why }))
  return { commit: start, committedForAgent: [], leftOut: leftOut.slice(0, PATHS_MAX), notes: [] }
}

function elsewhere(edits: Edits, commit: string): Omit<Gathered, 'notes'> {
  const leftOut = [...edits.tracked, ...edits.untracked].map((file) => ({ path: shownName(file), why: 'scratch' as const }))
  return { commit, committedForAgent: [], leftOut: leftOut.slice(0, PATHS_MAX) }
}

async function sortEdits(folder: string, edits: Edits): Promise<{ taken: string[]; leftOut: LeftOut[] }> {
  const taken = [...edits.tracked]
  const leftOut = new Map<string, LeftOut>()
  for (const nested of edits.nested) leftOut.set(nested, { path: shownName(nested), why: 'scratch' })
  for (const file of edits.untracked) {
    const scratch = scratchPart(file)
    if (scratch !== null) leftOut.set(scratch, { path: shownName(scratch), why: 'scratch' })
    else if ((await sizeOf(folder, file)) > UNTRACKED_MAX_BYTES) leftOut.set(file, { path: shownName(file), why: 'too-large' })
    else taken.push(file)
  }
  return { taken, leftOut: [...leftOut.values()].slice(0, PATHS_MAX) }
}

/** The size of a file whose name is given in bytes. */
async function sizeOf(folder: string, file: string): Promise<number> {
  return (await lstat(Buffer.concat([Buffer.from(`${folder}${path.sep}`), Buffer.from(file, 'latin1')]))).size
}

function messageFor(paths: readonly string[]): string {
  const named = paths.slice(0, PATHS_IN_MESSAGE).map((file) => `- ${file}`)
  const more = paths.length > named.length ? [`- and ${paths.length - named.length} more`] : []
  return `Commit what the agent left uncommitted\n\n${[...named, ...more].join('\n')}\n`
}
