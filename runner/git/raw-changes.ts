import type { Git } from './run-git.ts'

/** The mode of a submodule's entry: a commit elsewhere, which has no size here. */
const SUBMODULE = '160000'
/** The modes of ordinary files; a link's content is a path. */
const FILES: readonly string[] = ['100644', '100755']

/** One side of a change. */
export interface Side {
  readonly mode: string
  /** Null: not there, or a submodule, whose commit is elsewhere. */
  readonly blob: string | null
  /** The object's name, also a submodule's; zeros where there is none. */
  readonly id: string
}

export interface RawChange {
  readonly path: string
  readonly before: Side
  readonly after: Side
}

/** What differs between two commits, by path: a rename is a file that is gone and one that is new. Throws `GitError`. */
export async function rawChanges(git: Git, gitDir: string, base: string, commit: string): Promise<RawChange[]> {
  if (base === commit) return []
  const args = ['diff-tree', '--ignore-submodules=none', '-r', '--no-renames', '-z', '--raw', '--no-abbrev', base, commit, '--']
  return parseRaw((await git({ args, gitDir })).stdout)
}

/** Reads the `-z` form of `--raw` (git-diff-tree(1)), up to its end. Renames that git found are taken apart. */
export function parseRaw(output: string): RawChange[] {
  const fields = output.split('\0').values()
  const next = (): string => fields.next().value ?? ''
  const changes: RawChange[] = []
  for (let field = next(); field.startsWith(':'); field = next()) {
    const [oldMode = '', newMode = '', oldId = '', newId = '', letter = ''] = field.slice(1).split(' ')
    const [before, after] = [side(oldMode, oldId), side(newMode, newId)]
    const path = next()
    if (letter.startsWith('R')) {
      const none = side('000000', '0'.repeat(newId.length))
      changes.push({ path, before, after: none }, { path: next(), before: none, after })
    } else changes.push({ path, before, after })
  }
  return changes
}

/** Whether there is anything on this side. */
export function isThere({ id }: Side): boolean {
  return !/^0*$/.test(id)
}

function side(mode: string, id: string): Side {
  return { mode, id, blob: /^0*$/.test(id) || mode === SUBMODULE ? null : id }
}

/** The text of one side, or null where it is no ordinary file. Throws `GitError`, also where it is larger than can be read. */
export async function textOf(git: Git, gitDir: string, { mode, blob }: Side): Promise<string | null> {
  if (blob === null || !FILES.includes(mode)) return null
  return (await git({ args: ['cat-file', 'blob', blob], gitDir })).stdout
}
