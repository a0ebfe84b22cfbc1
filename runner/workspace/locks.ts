import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { check, lock } from 'proper-lockfile'

/**
 * A lock whose holder has not touched it for this long is taken over, in ms: its process is dead. As long as the queue's
 * own hold on a job, so that a killed runner's job is not kept waiting by this one.
 */
export const LOCK_STALE_MS = 8_000
/** How often a holder touches its lock, in ms. */
export const LOCK_TOUCH_MS = 2_000
/** Between two tries for a lock of another process, in ms. */
const LOCK_RETRY_MS = { minTimeout: 20, maxTimeout: 250 } as const
/** Tries for a lock before giving up; with the waits above about ten minutes. */
const LOCK_RETRIES = 2_400

/** Locks by file, across processes and, in line, within this one. */
export interface Locks {
  /** Runs `action` alone. `lost` is aborted if another process took the lock over, because this one stood still. */
  hold<T>(file: string, action: (lost: AbortSignal) => Promise<T>): Promise<T>
  /** Whether anybody holds the lock at the moment, this process included. */
  isHeld(file: string): Promise<boolean>
}

/** Locks in the file system (a folder for each). Within one process the waiting stand in line and do not poll. */
export function createLocks(staleMs: number = LOCK_STALE_MS): Locks {
  const lines = new Map<string, Promise<unknown>>()
  async function locked<T>(file: string, action: (lost: AbortSignal) => Promise<T>): Promise<T> {
    await mkdir(path.dirname(file), { recursive: true })
    const lost = new AbortController()
    const release = await lock(file, {
      realpath: false,
      lockfilePath: file,
      stale: staleMs,
      update: Math.min(LOCK_TOUCH_MS, staleMs / 2),
      retries: { retries: LOCK_RETRIES, factor: 1.5, ...LOCK_RETRY_MS },
      onCompromised: (error) => lost.abort(error),
    })
    try {
      return await action(lost.signal)
    } finally {
      // A lock that was taken over is no longer ours to release.
      if (!lost.signal.aborted) await release().catch(() => undefined)
    }
  }
  return {
    async isHeld(file) {
      return lines.has(file) || (await check(file, { realpath: false, lockfilePath: file, stale: staleMs }))
    },
    hold(file, action) {
      const before = lines.get(file) ?? Promise.resolve()
      const turn = before.then(() => locked(file, action))
      const settled = turn.then(
        () => undefined,
        () => undefined,
      )
      lines.set(file, settled)
      void settled.then(() => {
        if (lines.get(file) === settled) lines.delete(file)
      })
      return turn
    },
  }
}
