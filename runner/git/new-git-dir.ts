import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** What a new git directory is made of. */
export interface GitDirPlan {
  /** The bare mirror that its objects come from; they are shared, not copied. */
  readonly mirror: string
  /** The branch that HEAD is on. */
  readonly branch: string
  readonly head: string
  /** Other refs, by their full names. */
  readonly refs?: Readonly<Record<string, string>>
  /** Lines of its config after the core section. */
  readonly config?: string
  /** Patterns that it ignores besides those of the tree. */
  readonly exclude?: readonly string[]
}

/**
 * Writes a git directory by hand, in a few files: what `git clone --shared --no-checkout` would make, without starting
 * git and without hooks or templates. The layout is that of gitrepository-layout(5).
 */
export async function writeGitDir(gitDir: string, plan: GitDirPlan): Promise<void> {
  const longIds = plan.head.length === 64
  const core = longIds
    ? '[core]\n\trepositoryformatversion = 1\n\tbare = false\n[extensions]\n\tobjectFormat = sha256\n'
    : '[core]\n\trepositoryformatversion = 0\n\tbare = false\n'
  const refs = { ...plan.refs, [`refs/heads/${plan.branch}`]: plan.head }
  const packed = Object.entries(refs)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, id]) => `${id} ${name}\n`)
  await Promise.all(
    ['objects/info', 'objects/pack', 'refs/heads', 'info'].map((d) => mkdir(path.join(gitDir, d), { recursive: true })),
  )
  const files: Record<string, string> = {
    HEAD: `ref: refs/heads/${plan.branch}\n`,
    config: core + (plan.config ?? ''),
    'packed-refs': `# pack-refs with: peeled fully-peeled sorted \n${packed.join('')}`,
    'objects/info/alternates': `${path.join(plan.mirror, 'objects')}\n`,
    'info/exclude': (plan.exclude ?? []).map((line) => `${line}\n`).join(''),
  }
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(path.join(gitDir, name), text)))
}

/** Writes an empty bare git directory: what `git init --bare --template=` would make. */
export async function writeBareGitDir(gitDir: string): Promise<void> {
  await Promise.all(
    ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags'].map((d) => mkdir(path.join(gitDir, d), { recursive: true })),
  )
  await Promise.all([
    writeFile(path.join(gitDir, 'HEAD'), 'ref: refs/heads/main\n'),
    writeFile(path.join(gitDir, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n'),
  ])
}

/** Moves a branch of a git directory that only the host writes. */
export async function moveBranch(gitDir: string, branch: string, commit: string): Promise<void> {
  const file = path.join(gitDir, 'refs/heads', branch)
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, `${commit}\n`)
}
