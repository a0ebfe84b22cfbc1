import { randomBytes } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import path from 'node:path'
import { type Changed, parseChanges } from './changed-files.ts'
import type { Git } from './run-git.ts'

/** How much of git's answer is read at a time, in bytes. */
const CHUNK_BYTES = 64 * 1024
/** The mode of a submodule's entry: a commit elsewhere, which has no size here. */
const SUBMODULE = '160000'

/** What lies between two commits, renames found. */
export interface Comparison {
  readonly files: readonly Changed[]
  /** The files as they are in the second, without those that are gone and without submodules. */
  readonly blobs: readonly { readonly path: string; readonly id: string }[]
  /** Size of the patch, in bytes, what is binary in it too. */
  readonly patchBytes: number
}

/**
 * Compares two commits in one command: starting git takes longer than its work on most changes. It writes its answer into
 * a file, whose patch is only weighed: it may be larger than what fits into memory. Throws `GitError`.
 */
export async function compareCommits(git: Git, gitDir: string, base: string, head: string): Promise<Comparison> {
  if (base === head) return { files: [], blobs: [], patchBytes: 0 }
  const file = path.join(gitDir, `switchyard-patch-${randomBytes(6).toString('hex')}`)
  const listing = ['-z', '--raw', '--numstat', '--no-abbrev']
  const patch = ['-p', '--binary', '--no-ext-diff', '--no-textconv', '--no-color', `--output=${file}`]
  try {
    await git({
      args: ['diff-tree', '--ignore-submodules=none', '-r', '-M', ...listing, ...patch, base, head, '--'],
      gitDir,
    })
    const { listed, patchBytes } = await readAnswer(file)
    return { files: parseChanges(listed), blobs: blobsIn(listed), patchBytes }
  } finally {
    await rm(file, { force: true })
  }
}

/** The listing comes first, with an empty field (two zero bytes) behind it. */
async function readAnswer(file: string): Promise<{ listed: string; patchBytes: number }> {
  const handle = await open(file)
  try {
    const { size } = await handle.stat()
    let read = Buffer.alloc(0)
    while (read.length < size) {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, read.length)
      // The end may lie across two chunks.
      const from = Math.max(0, read.length - 1)
      read = Buffer.concat([read, buffer.subarray(0, bytesRead)])
      const end = read.indexOf('\0\0', from)
      if (end >= 0) return { listed: read.toString('utf8', 0, end + 1), patchBytes: size - end - 2 }
      if (bytesRead === 0) break
    }
    return { listed: read.toString('utf8'), patchBytes: 0 }
  } finally {
    await handle.close()
  }
}

/** Reads the `-z` form of `--raw` (git-diff-tree(1)). A rename has two paths; the new one is taken. */
function blobsIn(listed: string): Comparison['blobs'] {
  const fields = listed.split('\0').values()
  const next = (): string => fields.next().value ?? ''
  const blobs: { path: string; id: string }[] = []
  for (let field = next(); field.startsWith(':'); field = next()) {
    const [, mode = '', , id = '', letter = ''] = field.split(' ')
    const first = next()
    const name = letter.startsWith('R') || letter.startsWith('C') ? next() : first
    if (letter !== 'D' && mode !== SUBMODULE) blobs.push({ path: name, id })
  }
  return blobs
}
