import { readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { check } from 'proper-lockfile'
import { SESSION_MAX_AGE_MS } from '../sessions.ts'
import { LOCK_STALE_MS } from './locks.ts'
import type { JobPaths } from './paths.ts'

/** Removes what a finished job has no further use for. The agent's home stays: a later job may go on with its session. */
export async function clearWorkspace(paths: JobPaths): Promise<void> {
  const gone = [paths.journal, paths.work, paths.host, paths.task, paths.report]
  await Promise.all(gone.map((entry) => rm(entry, { recursive: true, force: true })))
}

/** Removes workspaces that no job holds and whose sessions are too old to go on with. Gives how many. */
export async function clearOldWorkspaces(dataDir: string, now: number): Promise<number> {
  const folder = path.join(dataDir, 'workspaces')
  let cleared = 0
  for (const name of await readdir(folder).catch(() => [])) {
    const root = path.join(folder, name)
    if (name.endsWith('.lock') || (await isHeld(`${root}.lock`))) continue
    const { mtimeMs } = await stat(root).catch(() => ({ mtimeMs: now }))
    if (now - mtimeMs < SESSION_MAX_AGE_MS) continue
    await rm(root, { recursive: true, force: true })
    cleared += 1
  }
  return cleared
}

async function isHeld(file: string): Promise<boolean> {
  return await check(file, { realpath: false, lockfilePath: file, stale: LOCK_STALE_MS })
}
