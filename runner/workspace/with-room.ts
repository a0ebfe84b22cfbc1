import { DiskFullError, withDiskFull } from '../disk-space.ts'
import { type CacheDeps, trimMirrors } from './mirror-cache.ts'

/**
 * Does what fills the disk, and once more where a full disk stopped it and room could be made: mirrors that no job uses are
 * only a cache. Throws {@link DiskFullError} where that did not help.
 *
 * @param clear takes away what a try that failed left half written
 */
export async function withRoom<T>(deps: CacheDeps, action: () => Promise<T>, clear: () => Promise<void>): Promise<T> {
  const attempt = async (): Promise<T> => {
    try {
      return await action()
    } catch (error) {
      // Asked before it is cleared, or there would be room again.
      const known = await withDiskFull(deps.dataDir, error)
      if (known instanceof DiskFullError) await clear()
      throw known
    }
  }
  try {
    return await attempt()
  } catch (error) {
    if (!(error instanceof DiskFullError) || (await trimMirrors(deps, 0)).freed === 0) throw error
    return await attempt()
  }
}
