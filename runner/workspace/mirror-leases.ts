import { mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Locks } from './locks.ts'

/** Its time is when a job last used the mirror. */
const USED = '.used'

/** The folder of a mirror's leases: an empty file for each workspace that works on its objects, named after it. */
export const leasesOf = (mirror: string): string => `${mirror}.leases`

/**
 * Takes a lease for a workspace (its root folder); the mirror's lock must be held. A lease lives as long as its workspace:
 * there is nothing to give back, so nothing that a killed runner could have forgotten.
 */
export async function leaseMirror(mirror: string, workspace: string, now = new Date()): Promise<void> {
  const folder = leasesOf(mirror)
  await mkdir(folder, { recursive: true })
  const used = path.join(folder, USED)
  await Promise.all([writeFile(path.join(folder, path.basename(workspace)), ''), writeFile(used, '')])
  await utimes(used, now, now)
}

/**
 * Whether a workspace needs the mirror's objects: a job holds it, or its work is committed and another start is to push it.
 * What is alive is told by the workspace's lock and not by a process id, which two containers over one folder may share.
 * Leases whose workspace is dead are removed.
 */
export async function isLeased(locks: Locks, dataDir: string, mirror: string): Promise<boolean> {
  const folder = leasesOf(mirror)
  let alive = false
  for (const name of await readdir(folder).catch(() => [])) {
    if (name === USED) continue
    const root = path.join(dataDir, 'workspaces', name)
    if ((await locks.isHeld(`${root}.lock`)) || (await isThere(path.join(root, 'journal.json')))) alive = true
    else await rm(path.join(folder, name), { force: true })
  }
  return alive
}

/** When a job last used the mirror, in ms since the epoch; 0 where it is not known. */
export async function lastUsed(mirror: string): Promise<number> {
  return await stat(path.join(leasesOf(mirror), USED)).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
}

async function isThere(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  )
}
