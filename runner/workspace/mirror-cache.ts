import type { Dirent } from 'node:fs'
import { lstat, readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { isMissing } from '../safe-file.ts'
import type { Locks } from './locks.ts'
import { isLeased, lastUsed, leasesOf } from './mirror-leases.ts'

/** What `mirrorPath` makes. */
const MIRROR = /@\d+\.git$/
/** A mirror on its way out, or one that was never finished. */
const LEFT = /@\d+\.git\.(?:gone|new)$/
/** Blocks of `stat`, in bytes. */
const BLOCK_BYTES = 512

export interface CacheDeps {
  readonly locks: Locks
  readonly dataDir: string
}

/** What was done to keep the cache within its limit. */
export interface Trimmed {
  /** What all mirrors take now, in bytes. */
  readonly bytes: number
  readonly freed: number
  readonly evicted: readonly string[]
}

/**
 * Removes the mirrors that were used longest ago until all of them take at most `maxBytes`. One that is leased or locked
 * stays: its size counts, and it can be removed the next time. Several processes may do this at once.
 */
export async function trimMirrors({ locks, dataDir }: CacheDeps, maxBytes: number): Promise<Trimmed> {
  const { mirrors, left } = await findMirrors(path.join(dataDir, 'mirrors'))
  for (const entry of left) await clearLeft(locks, entry)
  const known = await Promise.all(
    mirrors.map(async (mirror) => ({ mirror, bytes: await bytesOf(mirror), used: await lastUsed(mirror) })),
  )
  let bytes = known.reduce((sum, entry) => sum + entry.bytes, 0)
  const before = bytes
  const evicted: string[] = []
  for (const entry of known.toSorted((a, b) => a.used - b.used)) {
    if (bytes <= maxBytes) break
    if (!(await evict({ locks, dataDir }, entry.mirror))) continue
    bytes -= entry.bytes
    evicted.push(path.relative(path.join(dataDir, 'mirrors'), entry.mirror))
  }
  return { bytes, freed: before - bytes, evicted }
}

/** Every mirror below the data folder. */
export async function listMirrors(dataDir: string): Promise<string[]> {
  return (await findMirrors(path.join(dataDir, 'mirrors'))).mirrors
}

/** Runs `action` alone on a mirror that no job uses; gives null, and does nothing, where one does. */
export async function withIdleMirror<T>(
  { locks, dataDir }: CacheDeps,
  mirror: string,
  action: () => Promise<T>,
): Promise<T | null> {
  // Looked at first, so that nobody stands in line behind a long fetch.
  if (await locks.isHeld(`${mirror}.lock`)) return null
  return await locks.hold(`${mirror}.lock`, async () => ((await isLeased(locks, dataDir, mirror)) ? null : await action()))
}

/** Removes a mirror; false where a job uses it, or another process was faster. */
export async function evict(deps: CacheDeps, mirror: string): Promise<boolean> {
  const done = await withIdleMirror(deps, mirror, async () => {
    // Moved before it is removed: a process that is killed here leaves no half mirror.
    await rm(`${mirror}.gone`, { recursive: true, force: true })
    if (!(await moved(mirror, `${mirror}.gone`))) return false
    await rm(`${mirror}.gone`, { recursive: true, force: true })
    await rm(leasesOf(mirror), { recursive: true, force: true })
    return true
  })
  return done === true
}

/** Moves a folder; false where another process was faster. */
async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

async function clearLeft(locks: Locks, entry: string): Promise<void> {
  const lock = `${entry.replace(/\.(?:gone|new)$/, '')}.lock`
  if (await locks.isHeld(lock)) return
  await locks.hold(lock, () => rm(entry, { recursive: true, force: true }))
}

async function findMirrors(folder: string): Promise<{ mirrors: string[]; left: string[] }> {
  const found: { mirrors: string[]; left: string[] } = { mirrors: [], left: [] }
  for (const entry of await entriesOf(folder)) {
    const file = path.join(folder, entry.name)
    if (!entry.isDirectory()) continue
    if (MIRROR.test(entry.name)) found.mirrors.push(file)
    else if (LEFT.test(entry.name)) found.left.push(file)
    else if (!entry.name.includes('.git.')) {
      const below = await findMirrors(file)
      found.mirrors.push(...below.mirrors)
      found.left.push(...below.left)
    }
  }
  return found
}

/** What a folder takes on the disk, in bytes. What vanishes meanwhile counts nothing. */
export async function bytesOf(folder: string): Promise<number> {
  let bytes = 0
  for (const entry of await entriesOf(folder)) {
    const file = path.join(folder, entry.name)
    if (entry.isDirectory()) bytes += await bytesOf(file)
    else
      bytes += await lstat(file).then(
        ({ blocks }) => blocks * BLOCK_BYTES,
        () => 0,
      )
  }
  return bytes
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  return await readdir(folder, { withFileTypes: true }).catch(() => [])
}
