import { type Author, writeCommit } from './commit-object.ts'
import type { Git } from './run-git.ts'

/** A host's git directory and the agent's folder as its work tree. */
export interface WorkTree {
  readonly gitDir: string
  readonly folder: string
}

/**
 * What differs between the folder and the commit that the index was read from. Names are bytes, one character each
 * (`latin1`): they need not be UTF-8. {@link shownName} makes them readable.
 */
export interface Edits {
  /** Tracked files that were changed, deleted ones included. */
  readonly tracked: readonly string[]
  /** Those of the tracked that are gone. */
  readonly deleted: ReadonlySet<string>
  readonly untracked: readonly string[]
  /** Folders with a repository of their own in them; never added. */
  readonly nested: readonly string[]
}

/** A name as people read it; bytes that are no UTF-8 are replaced. */
export function shownName(name: string): string {
  return Buffer.from(name, 'latin1').toString('utf8')
}

/** Fills an empty folder with a commit's files, and the index with their state. */
export async function checkOut(git: Git, tree: WorkTree, commit: string): Promise<void> {
  await git({ args: ['read-tree', '-m', '-u', '--no-recurse-submodules', commit], gitDir: tree.gitDir, workTree: tree.folder })
}

/** Makes the index stand for another commit, without touching or asking the folder (`-i`): the agent changed it. */
export async function readIndex(git: Git, tree: WorkTree, commit: string): Promise<void> {
  await git({ args: ['read-tree', '-i', '-m', commit], gitDir: tree.gitDir, workTree: tree.folder })
}

/**
 * What is edited in the folder, ignored files left out. Submodules are ignored whole (`--ignore-submodules=all`):
 * otherwise git would run `git status` inside them, with the configuration that the agent wrote there.
 */
export async function listEdits(git: Git, tree: WorkTree): Promise<Edits> {
  const { stdout } = await git({
    args: [
      'status',
      '--porcelain=v1',
      '-z',
      '--untracked-files=all',
      '--ignore-submodules=all',
      '--no-renames',
      '--no-ahead-behind',
    ],
    gitDir: tree.gitDir,
    workTree: tree.folder,
    encoding: 'latin1',
  })
  const tracked: string[] = []
  const deleted = new Set<string>()
  const untracked: string[] = []
  const nested: string[] = []
  for (const entry of stdout.split('\0')) {
    if (entry.length < 4) continue
    const file = entry.slice(3)
    if (entry[1] === 'D') deleted.add(file)
    if (!entry.startsWith('??')) tracked.push(file)
    else if (file.endsWith('/')) nested.push(file)
    else untracked.push(file)
  }
  return { tracked, deleted, untracked, nested }
}

/** Commits exactly these changes of the folder on top of `parent`, and gives the commit. */
export async function commitPaths(
  git: Git,
  tree: WorkTree,
  commit: {
    readonly parent: string
    readonly changed: readonly string[]
    readonly deleted: readonly string[]
    readonly message: string
    readonly author: Author
  },
): Promise<string> {
  const { gitDir, folder } = tree
  const update = async (how: readonly string[], paths: readonly string[]): Promise<void> => {
    if (paths.length === 0) return
    const input = paths.map((file) => `${file}\0`).join('')
    await git({ args: ['update-index', '-z', ...how, '--stdin'], gitDir, workTree: folder, input, encoding: 'latin1' })
  }
  // What is gone first, and unseen: a link may stand by now where its folder was.
  await update(['--force-remove'], commit.deleted)
  await update(['--add', '--remove'], commit.changed)
  const written = (await git({ args: ['write-tree'], gitDir })).stdout.trim()
  return await writeCommit(gitDir, {
    tree: written,
    parents: [commit.parent],
    message: commit.message,
    author: commit.author,
  })
}
