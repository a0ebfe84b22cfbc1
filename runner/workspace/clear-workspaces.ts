import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { forgetSessions, SESSION_MAX_AGE_MS } from '../sessions.ts'
import { type DiskUse, diskUse } from '../use/disk-use.ts'
import type { Locks } from './locks.ts'
import type { JobPaths } from './paths.ts'
import { removeTree } from './remove-tree.ts'

/** Largest home that is kept when its job is over: 1 GiB, with the caches of package managers in it. */
const KEPT_HOME: DiskUse = { bytes: 1024 ** 3, files: 200_000 }

/** Removes what a finished job has no further use for. The agent's home stays: a later job may go on with its session. */
export async function clearWorkspace(paths: JobPaths): Promise<void> {
  const gone = [paths.journal, paths.work, paths.host, paths.task, paths.report]
  await Promise.all(gone.map(removeTree))
}

/** A home that is kept for a session may not be what fills the disk: one that is larger goes, and the session with it. */
export async function clearLargeHome(paths: JobPaths): Promise<void> {
  const { bytes, files } = await diskUse([paths.home], 0, KEPT_HOME, false)
  if (bytes > KEPT_HOME.bytes || files > KEPT_HOME.files) await forgetSessions(paths)
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
