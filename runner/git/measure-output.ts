import { open } from 'node:fs/promises'
import path from 'node:path'
import { constants, inflateSync } from 'node:zlib'
import { type HeldOutput, largestOf, type OutputSize } from '../../src/contract/output-limits.ts'
import type { Comparison } from './comparison.ts'
import type { Git } from './run-git.ts'

/** So much of an object's file has its header in it, in bytes. */
const HEADER_BYTES = 128

export interface Measured extends OutputSize {
  readonly largest: HeldOutput['largest']
}

/** A file as it is afterwards. */
interface Blob {
  readonly path: string
  readonly id: string
}

/** How much a comparison's second commit brings: renames count as one file, deletions too. Throws `GitError`. */
export async function measureOutput(
  git: Git,
  gitDir: string,
  { files, changes, patchBytes }: Pick<Comparison, 'files' | 'changes' | 'patchBytes'>,
): Promise<Measured> {
  const blobs = changes.flatMap(({ path: name, after }) => (after.blob === null ? [] : [{ path: name, id: after.blob }]))
  const largest = largestOf(await sizes(git, gitDir, blobs))
  return { patchBytes, files: files.length, fileBytes: largest[0]?.bytes ?? 0, largest }
}

/** What the job brought is mostly in files of its own, so that git has to be asked for little or nothing. */
async function sizes(git: Git, gitDir: string, blobs: readonly Blob[]): Promise<HeldOutput['largest']> {
  const known = new Map<string, number>()
  const asked: string[] = []
  for (const { id } of blobs) {
    const size = await looseSize(gitDir, id)
    if (size === null) asked.push(id)
    else known.set(id, size)
  }
  if (asked.length > 0) {
    const input = asked.map((id) => `${id}\n`).join('')
    const { stdout } = await git({ args: ['cat-file', '--batch-check=%(objectsize)'], gitDir, input })
    const answers = stdout.split('\n')
    for (const [index, id] of asked.entries()) known.set(id, Number(answers[index]) || 0)
  }
  return blobs.map(({ path: name, id }) => ({ path: name, bytes: known.get(id) ?? 0 }))
}

/** The size that a loose object's header tells; null where it is not loose. */
async function looseSize(gitDir: string, id: string): Promise<number | null> {
  const handle = await open(path.join(gitDir, 'objects', id.slice(0, 2), id.slice(2))).catch(() => null)
  if (handle === null) return null
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0)
    const header = inflateSync(buffer.subarray(0, bytesRead), { finishFlush: constants.Z_SYNC_FLUSH })
    const size = /^blob (\d+)\0/.exec(header.toString('latin1'))?.[1]
    return size === undefined ? null : Number(size)
  } finally {
    await handle.close()
  }
}
