import { rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { type HeldOutput, largestOf, type OutputSize } from '../../src/contract/output-limits.ts'
import type { Git } from './run-git.ts'

/** The mode of a submodule's entry: a commit elsewhere, which has no size here. */
const SUBMODULE = '160000'

export interface Measured extends OutputSize {
  readonly largest: HeldOutput['largest']
}

/** How much `commit` brings over `base`: renames count as one file, deletions too. Throws `GitError`. */
export async function measureOutput(git: Git, gitDir: string, base: string, commit: string): Promise<Measured> {
  if (base === commit) return { patchBytes: 0, files: 0, fileBytes: 0, largest: [] }
  const { stdout } = await git({ args: [...DIFF, '-z', '--raw', '--no-abbrev', base, commit, '--'], gitDir })
  const changed = parseRaw(stdout)
  const largest = largestOf(await sizes(git, gitDir, changed))
  const patchBytes = await patchSize(git, gitDir, base, commit)
  return { patchBytes, files: changed.length, fileBytes: largest[0]?.bytes ?? 0, largest }
}

const DIFF = ['diff-tree', '--ignore-submodules=none', '-r', '-M']

interface Entry {
  readonly path: string
  /** Null: deleted, or a submodule. */
  readonly blob: string | null
}

/** Reads the `-z` form of `--raw` (git-diff-tree(1)). A rename has two paths; the new one is taken. */
function parseRaw(output: string): Entry[] {
  const fields = output.split('\0').values()
  const next = (): string => fields.next().value ?? ''
  const entries: Entry[] = []
  for (let field = next(); field !== ''; field = next()) {
    const [, mode = '', , id = '', letter = ''] = field.split(' ')
    const first = next()
    const name = letter.startsWith('R') || letter.startsWith('C') ? next() : first
    entries.push({ path: name, blob: letter === 'D' || mode === SUBMODULE ? null : id })
  }
  return entries
}

async function sizes(git: Git, gitDir: string, entries: readonly Entry[]): Promise<HeldOutput['largest']> {
  const blobs = entries.flatMap(({ path: name, blob }) => (blob === null ? [] : [{ path: name, blob }]))
  if (blobs.length === 0) return []
  const input = blobs.map(({ blob }) => `${blob}\n`).join('')
  const { stdout } = await git({ args: ['cat-file', '--batch-check=%(objectsize)'], gitDir, input })
  const answers = stdout.split('\n')
  return blobs.map(({ path: name }, index) => ({ path: name, bytes: Number(answers[index]) || 0 }))
}

/** Git writes the patch into a file, which is only weighed: it may be larger than what fits into memory. */
async function patchSize(git: Git, gitDir: string, base: string, commit: string): Promise<number> {
  const file = path.join(gitDir, 'switchyard-patch')
  try {
    const plain = ['-p', '--binary', '--no-ext-diff', '--no-textconv', '--no-color', `--output=${file}`]
    await git({ args: [...DIFF, ...plain, base, commit, '--'], gitDir })
    return (await stat(file)).size
  } finally {
    await rm(file, { force: true })
  }
}
