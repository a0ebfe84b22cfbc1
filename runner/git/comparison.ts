import { randomBytes } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import path from 'node:path'
import { type Changed, parseChanges } from './changed-files.ts'
import { fileLines } from './file-lines.ts'
import { parseRaw, type RawChange } from './raw-changes.ts'
import type { Git } from './run-git.ts'

/** How much of git's answer is read at a time, in bytes. */
const CHUNK_BYTES = 64 * 1024

/** What lies between two commits. */
export interface Comparison<Seen = null> {
  /** Renames found. */
  readonly files: readonly Changed[]
  /** The same without renames. */
  readonly changes: readonly RawChange[]
  /** Size of the patch, in bytes, what is binary in it as it is. */
  readonly patchBytes: number
  /** What was made of the patch's lines. */
  readonly seen: Seen
}

/** Reads the lines of a patch, bytes as characters (`latin1`). */
export type ReadsPatch<Seen> = (lines: AsyncIterable<string>) => Promise<Seen>

/** For whom the patch's size is enough. */
export const unread: ReadsPatch<null> = async () => null

/**
 * Compares two commits in one command: starting git takes longer than its work on most changes. It writes its answer into
 * a file, whose patch is read piece by piece, if at all: it may be larger than what fits into memory. Throws `GitError`.
 */
export async function compareCommits<Seen>(
  git: Git,
  gitDir: string,
  base: string,
  head: string,
  look: ReadsPatch<Seen>,
): Promise<Comparison<Seen>> {
  const file = path.join(gitDir, `switchyard-patch-${randomBytes(6).toString('hex')}`)
  const listing = ['-z', '--raw', '--numstat', '--no-abbrev']
  // Whatever attributes say of a file, it is text: what is added by it can be read.
  const patch = ['-p', '--text', '--no-ext-diff', '--no-textconv', '--no-color', `--output=${file}`]
  try {
    await git({
      args: ['diff-tree', '--ignore-submodules=none', '-r', '-M', ...listing, ...patch, base, head, '--'],
      gitDir,
    })
    const { listed, size } = await readListing(file)
    const start = Math.min(size, listed.length + 1)
    const seen = await look(fileLines(file, start))
    const text = listed.toString('utf8')
    return { files: parseChanges(text), changes: parseRaw(text), patchBytes: size - start, seen }
  } finally {
    await rm(file, { force: true })
  }
}

/** The listing comes first, with an empty field (two zero bytes) behind it. */
async function readListing(file: string): Promise<{ listed: Buffer; size: number }> {
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
      if (end >= 0) return { listed: read.subarray(0, end + 1), size }
      if (bytesRead === 0) break
    }
    return { listed: read, size }
  } finally {
    await handle.close()
  }
}
