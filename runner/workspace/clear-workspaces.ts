import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { SESSION_MAX_AGE_MS } from '../sessions.ts'
import type { Locks } from './locks.ts'
import type { JobPaths } from './paths.ts'
import { removeTree } from './remove-tree.ts'

/** Removes what a finished job has no further use for. The agent's home stays: a later job may go on with its session. */
export async function clearWorkspace(paths: JobPaths): Promise<void> {
  const gone = [paths.journal, paths.work, paths.host, paths.task, paths.report]
  await Promise.all(gone.map(removeTree))
}

/** Removes workspaces that no job holds and whose sessions are too old to go on with. Gives how many. */
export async function clearOldWorkspaces(locks: Locks, dataDir: string, now: number): Promise<number> {
  const folder = path.join(dataDir, 'workspaces')
  let cleared = 0
  for (const name of await readdir(folder).catch(() => [])) {
    const root = path.join(folder, name)
    if (name.endsWith('.lock') || !(await isOld(root, now)) || (await locks.isHeld(`${root}.lock`))) continue
    // Under its lock, or a job that begins at this moment would lose its folders.
    cleared += await locks.hold(`${root}.lock`, async () => {
      if (!(await isOld(root, now))) return 0
      await removeTree(root)
      return 1
    })
  }
  return cleared
}

async function isOld(root: string, now: number): Promise<boolean> {
  const { mtimeMs } = await stat(root).catch(() => ({ mtimeMs: now }))
  return now - mtimeMs >= SESSION_MAX_AGE_MS
}
