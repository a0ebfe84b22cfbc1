import { rename, rm } from 'node:fs/promises'
import { writeBareGitDir } from '../git/new-git-dir.ts'
import { isMissing } from '../safe-file.ts'

/**
 * Makes a mirror beside its place, fills it, and moves it there once it is whole; what was there before goes. A process that
 * is killed on the way leaves no half mirror in the place. The mirror's lock must be held.
 */
export async function cloneBeside<T>(mirror: string, fill: (gitDir: string) => Promise<T>): Promise<T> {
  const beside = `${mirror}.new`
  const gone = `${mirror}.gone`
  await rm(beside, { recursive: true, force: true })
  await writeBareGitDir(beside)
  const filled = await fill(beside)
  await rm(gone, { recursive: true, force: true })
  await moveAway(mirror, gone)
  await rename(beside, mirror)
  await rm(gone, { recursive: true, force: true })
  return filled
}

async function moveAway(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}
