import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { type Author, straightLine, writeCommit } from './commit-object.ts'
import { GitError } from './git-error.ts'
import { isObjectId } from './refs.ts'
import type { Git } from './run-git.ts'

/** Counts of commits that only one side has. */
export interface Distance {
  readonly ahead: number
  readonly behind: number
}

/** How far `commit` is ahead of and behind `base`. Throws {@link GitError} where history is missing or broken. */
export async function distance(git: Git, gitDir: string, base: string, commit: string): Promise<Distance> {
  const line = await straightLine(gitDir, base, commit)
  if (line !== null) return { ahead: line, behind: 0 }
  const { stdout } = await git({ args: ['rev-list', '--count', '--left-right', `${base}...${commit}`, '--'], gitDir })
  const [behind, ahead] = stdout.trim().split('\t').map(Number)
  if (behind === undefined || ahead === undefined) throw new GitError({ message: 'git counted no commits.', kind: 'exit' })
  return { ahead, behind }
}

/** The best common ancestor, or null for unrelated histories. */
export async function mergeBase(git: Git, gitDir: string, one: string, other: string): Promise<string | null> {
  if (one === other || (await straightLine(gitDir, one, other)) !== null) return one
  const { stdout, exitCode } = await git({ args: ['merge-base', one, other], gitDir, answers: [1] })
  const id = stdout.trim()
  return exitCode === 0 && isObjectId(id) ? id : null
}

/** Whether `ancestor` is in the history of `commit` (a commit is in its own). */
export async function contains(git: Git, gitDir: string, commit: string, ancestor: string): Promise<boolean> {
  if (commit === ancestor) return true
  const { exitCode } = await git({ args: ['merge-base', '--is-ancestor', ancestor, commit], gitDir, answers: [1] })
  return exitCode === 0
}

/** Those of the commits that are not there. */
export async function missingCommits(git: Git, gitDir: string, commits: readonly string[]): Promise<string[]> {
  if (commits.length === 0) return []
  const input = commits.map((commit) => `${commit}\n`).join('')
  const { stdout } = await git({ args: ['cat-file', '--batch-check=%(objecttype)'], gitDir, input })
  const answers = stdout.split('\n')
  return commits.filter((_, index) => answers[index] !== 'commit')
}

/** What a merge comes to. */
export interface MergedTree {
  /** The tree as the merge leaves it: with markers in what conflicts. */
  readonly tree: string
  readonly clean: boolean
  /** The files that conflict: bytes, one character each (`latin1`). */
  readonly conflicts: readonly string[]
}

/**
 * Merges without a work tree (git-merge-tree(1), git 2.38). What the merge makes goes into the objects of `into`, a git
 * directory that need have nothing else yet.
 *
 * @param merge `unrelated`: they need have no common history
 */
export async function mergeTrees(
  git: Git,
  gitDir: string,
  into: string,
  merge: { readonly ours: string; readonly theirs: string; readonly unrelated?: boolean },
): Promise<MergedTree> {
  const unrelated = merge.unrelated === true ? ['--allow-unrelated-histories'] : []
  const args = ['merge-tree', '--write-tree', '--no-messages', '--name-only', '-z', ...unrelated, merge.ours, merge.theirs]
  const call = { args, gitDir, encoding: 'latin1' as const, answers: [1] }
  const { stdout, exitCode } = await (await withObjectsInto(git, gitDir, into))(call)
  const [tree = '', ...conflicts] = stdout.split('\0').filter((field) => field !== '')
  if (!isObjectId(tree)) throw new GitError({ message: 'git merged to no tree.', kind: 'exit', exitCode })
  return { tree, clean: exitCode === 0, conflicts }
}

/** Merges two commits, and gives the merge commit, or null where there is a conflict. */
export async function mergeCommits(
  git: Git,
  gitDir: string,
  into: string,
  merge: { readonly ours: string; readonly theirs: string; readonly message: string; readonly author: Author },
): Promise<string | null> {
  const { tree, clean } = await mergeTrees(git, gitDir, into, merge)
  if (!clean) return null
  const { ours, theirs, message, author } = merge
  return await writeCommit(into, { tree, parents: [ours, theirs], message, author })
}

/** Git whose new objects go into those of another git directory, which need have nothing else yet. */
export async function withObjectsInto(git: Git, gitDir: string, into: string): Promise<Git> {
  const objects = path.join(into, 'objects')
  await mkdir(objects, { recursive: true })
  const env = { GIT_OBJECT_DIRECTORY: objects, GIT_ALTERNATE_OBJECT_DIRECTORIES: path.join(gitDir, 'objects') }
  return (call) => git({ ...call, env: { ...env, ...call.env } })
}

/** Git that sees, besides a repository's own objects, those of another one. */
export function withObjectsOf(git: Git, other: string): Git {
  return (call) => git({ ...call, env: { GIT_ALTERNATE_OBJECT_DIRECTORIES: path.join(other, 'objects'), ...call.env } })
}

/** The full message of a commit. */
export async function messageOf(git: Git, gitDir: string, commit: string): Promise<string> {
  return (await git({ args: ['log', '-1', '--format=%B', commit, '--'], gitDir })).stdout
}

/** The tree of a commit. */
export async function treeOf(git: Git, gitDir: string, commit: string): Promise<string> {
  return (await git({ args: ['rev-parse', '--verify', '--end-of-options', `${commit}^{tree}`], gitDir })).stdout.trim()
}
