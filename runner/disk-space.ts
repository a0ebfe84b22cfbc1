import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { SwitchyardError } from '../src/contract/failure.ts'
import { GitError } from './git/git-error.ts'

/** How much must be writable for a disk not to count as full, in bytes: more than what git writes at once. */
const PROBE_BYTES = 1024 * 1024

/** The disk, or the runner's quota on it, is full. Cause `git`: it is the workspace that could not be made or kept. */
export class DiskFullError extends SwitchyardError {
  constructor(folder: string, options?: ErrorOptions) {
    const remedy = 'Free space there, or lower RUNNER_MIRRORS_MAX_BYTES, and run the step again.'
    super({ cause: 'git', message: `The runner's disk is full: nothing more can be written in ${folder}. ${remedy}` }, options)
    this.name = 'DiskFullError'
  }
}

/**
 * Whether a folder takes no more bytes or no more files. It is tried by writing, as a quota shows in no other way and git
 * does not say by its exit code why it failed. Ask before what the failure left is cleared away.
 */
export async function isDiskFull(folder: string): Promise<boolean> {
  const probe = path.join(folder, `.probe-${randomBytes(6).toString('hex')}`)
  try {
    await writeFile(probe, Buffer.alloc(PROBE_BYTES))
    return false
  } catch (error) {
    return saysFull(error)
  } finally {
    await rm(probe, { force: true }).catch(() => undefined)
  }
}

/** The error itself, or a {@link DiskFullError} where a full disk is behind it. */
export async function withDiskFull(folder: string, error: unknown): Promise<unknown> {
  if (error instanceof DiskFullError) return error
  const full = saysFull(error) || (error instanceof GitError && error.kind === 'exit' && (await isDiskFull(folder)))
  return full ? new DiskFullError(folder, { cause: error }) : error
}

function saysFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
}
