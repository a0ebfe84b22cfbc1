import { readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'

/**
 * What a git that was killed left in a mirror counts as left when it is older than this, in ms: a git that outlived its
 * runner may still be at work.
 */
export const STALE_GIT_LOCK_MS = 10_000

/** Removes old lock files of git. Nobody else writes here: the mirror's own lock must be held. */
export async function removeStaleLocks(mirror: string): Promise<void> {
  const inRefs = await filesBelow(mirror, 'refs')
  const locks = ['packed-refs.lock', 'shallow.lock', 'HEAD.lock', 'config.lock']
  await removeOlder(mirror, [...inRefs.filter((name) => name.endsWith('.lock')), ...locks], STALE_GIT_LOCK_MS)
}

/** Removes objects and packs that were never finished, and with no age a clone beside it too. */
export async function removeHalfWritten(mirror: string, olderThanMs = 0): Promise<void> {
  const objects = await filesBelow(mirror, 'objects')
  const unfinished = objects.filter((name) => /^tmp_|\.(?:temp|lock)$/.test(path.basename(name)))
  await removeOlder(mirror, unfinished, olderThanMs)
  if (olderThanMs === 0) await rm(`${mirror}.new`, { recursive: true, force: true })
}

async function filesBelow(mirror: string, folder: string): Promise<string[]> {
  const names = await readdir(path.join(mirror, folder), { recursive: true }).catch(() => [])
  return names.map((name) => path.join(folder, name))
}

async function removeOlder(mirror: string, names: readonly string[], olderThanMs: number): Promise<void> {
  for (const name of names) {
    const file = path.join(mirror, name)
    const changed = await stat(file).then(
      ({ mtimeMs }) => mtimeMs,
      () => Date.now(),
    )
    if (olderThanMs > 0 && Date.now() - changed < olderThanMs) continue
    await rm(file, { recursive: true, force: true })
  }
}
