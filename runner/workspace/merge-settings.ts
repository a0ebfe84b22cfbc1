/**
 * An agent that merges the base must not see what the work branch tells agents either, and git does not merge into files that
 * it was told not to look at. So what merging would write into such files is settled before: as the base has them, in a
 * commit on top of the work branch. The merge leaves them alone then, and all others are restored like for every agent.
 */
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { SwitchyardError } from '../../src/contract/failure.ts'
import { type Author, writeCommit } from '../git/commit-object.ts'
import { mergeTrees, withObjectsInto } from '../git/history.ts'
import { isThere, type RawChange } from '../git/raw-changes.ts'
import type { Git } from '../git/run-git.ts'
import { shownName } from '../git/work-tree.ts'
import { changedSettings, isAgentSetting } from './base-settings.ts'

/** Most files that a sentence names. */
const NAMED_MAX = 5

/** What is merged, and what they were before; null: they have nothing in common. */
export interface MergeSides {
  readonly work: string
  readonly base: string
  readonly common: string | null
}

interface Names {
  readonly repository: string
  readonly baseBranch: string
  readonly author: Author
}

/** Where an agent begins that merges the base. */
export interface SettledStart {
  readonly commit: string
  /** What the work branch had changed in these files itself, and has no more: a sentence, or none. */
  readonly notes: readonly string[]
}

/**
 * Settles the agents' settings of a work branch that the base does not merge into cleanly. Throws a `SwitchyardError` of cause
 * `conflict` where merging would write into them all the same, as where one of them was another file before.
 *
 * @param into the git directory that new objects go to
 */
export async function settleSettings(
  git: Git,
  { mirror, into }: { readonly mirror: string; readonly into: string },
  sides: MergeSides,
  names: Names,
): Promise<SettledStart> {
  const { work, base, common } = sides
  const inInto = await withObjectsInto(git, mirror, into)
  const writtenBy = async (ours: string): Promise<Set<string>> => {
    const { tree, conflicts } = await mergeTrees(git, mirror, into, { ours, theirs: base, unrelated: common === null })
    const changed = await changedSettings(inInto, mirror, ours, tree)
    // A file that one side deleted stays as the other has it, and conflicts.
    return new Set([...pathsOf(changed), ...conflicts.filter(isAgentSetting)])
  }
  const touched = await writtenBy(work)
  if (touched.size === 0) return { commit: work, notes: [] }
  const apart = await changedSettings(inInto, mirror, work, base)
  const message = `Take what agents are told from ${names.baseBranch}, before it is merged\n`
  // Git may take a file that is gone now for one that was renamed to another one of them: then all are taken.
  for (const taken of [apart.filter(({ path: file }) => touched.has(file)), apart]) {
    const tree = await treeWith(inInto, mirror, path.join(into, 'index.settings'), work, taken)
    const commit = await writeCommit(into, { tree, parents: [work], message, author: names.author })
    if ((await writtenBy(commit)).size > 0) continue
    const own = common === null ? apart : await changedSettings(git, mirror, common, work)
    return { commit, notes: notesOf(pathsOf(taken), pathsOf(own), names) }
  }
  const sentence = `${names.repository}: merging ${names.baseBranch} would write into ${named([...touched])}, which agents obey.`
  throw new SwitchyardError({ cause: 'conflict', message: `${sentence} A person has to merge it.` })
}

function pathsOf(changes: readonly RawChange[]): string[] {
  return changes.map(({ path: file }) => file)
}

function notesOf(taken: readonly string[], own: readonly string[], { repository, baseBranch }: Names): string[] {
  const lost = taken.filter((file) => own.includes(file))
  if (lost.length === 0) return []
  return [`${repository}: taken from ${baseBranch} as a whole, since agents obey it and both sides changed it: ${named(lost)}.`]
}

/** A commit's tree with these files as they are after their change. */
async function treeWith(
  git: Git,
  gitDir: string,
  index: string,
  commit: string,
  changes: readonly RawChange[],
): Promise<string> {
  const env = { GIT_INDEX_FILE: index }
  const entries = changes.map(({ path: file, after }) => `${isThere(after) ? after.mode : '0'} ${after.id}\t${file}\0`)
  try {
    await git({ args: ['read-tree', commit], gitDir, env })
    await git({ args: ['update-index', '-z', '--index-info'], gitDir, env, input: entries.join(''), encoding: 'latin1' })
    return (await git({ args: ['write-tree'], gitDir, env })).stdout.trim()
  } finally {
    await rm(index, { force: true })
  }
}

function named(files: readonly string[]): string {
  const more = files.length > NAMED_MAX ? ` and ${files.length - NAMED_MAX} more` : ''
  return `${files.slice(0, NAMED_MAX).map(shownName).join(', ')}${more}`
}
