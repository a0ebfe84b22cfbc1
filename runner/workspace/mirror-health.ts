import { stat } from 'node:fs/promises'
import path from 'node:path'
import { GitError } from '../git/git-error.ts'
import { missingCommits } from '../git/history.ts'
import { type Git, NETWORK_TIMEOUT_MS } from '../git/run-git.ts'
import { isMissing } from '../safe-file.ts'

/** Whether there is a mirror at all. What is wrong within it shows when it is used. */
export async function isThere(mirror: string): Promise<boolean> {
  try {
    await stat(path.join(mirror, 'HEAD'))
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

/** Whether a mirror is gone, lacks one of these commits, or, with `fsck`, has an object or a ref that cannot be read. */
export async function isBroken(git: Git, mirror: string, commits: readonly string[], how: 'look' | 'fsck'): Promise<boolean> {
  if (!(await isThere(mirror))) return true
  return await fails(async () => {
    const missing = await missingCommits(git, mirror, commits)
    if (missing.length > 0) throw new GitError({ message: `The mirror lacks ${missing.join(', ')}.`, kind: 'exit' })
    if (how === 'look') return
    await git({ args: ['fsck', '--full', '--no-dangling', '--no-progress'], gitDir: mirror, timeoutMs: NETWORK_TIMEOUT_MS })
  })
}

/** Whether git says no. What was stopped, or took too long, said nothing. */
async function fails(action: () => Promise<void>): Promise<boolean> {
  try {
    await action()
    return false
  } catch (error) {
    if (!(error instanceof GitError) || error.kind === 'cancelled') throw error
    return error.kind === 'exit'
  }
}
