import type { Clock } from './clock.ts'
import type { Git } from './git/run-git.ts'
import type { Log } from './log.ts'
import { sweepOrphans } from './watch/process-tree.ts'
import { clearOldWorkspaces } from './workspace/clear-workspaces.ts'
import { type CacheDeps, trimMirrors } from './workspace/mirror-cache.ts'
import { tidyMirrors } from './workspace/tidy-mirrors.ts'

/** How often old workspaces, mirrors and orphaned processes are looked for, in ms. */
const HOUSEKEEPING_MS = 1_800_000

export interface HousekeepingDeps extends CacheDeps {
  readonly git: Git
  readonly clock: Clock
  readonly log: Log
  readonly mirrorsMaxBytes: number
}

export interface Housekeeping {
  /** Brings the mirrors back below their limit: a job may have made one. Never throws. */
  trim(): Promise<void>
  /** Resolves when nothing is at work any more. */
  stop(): Promise<void>
}

/** Clears what killed runners and finished jobs left on this machine, now and every half hour. */
export function startHousekeeping(deps: HousekeepingDeps): Housekeeping {
  const { clock, log, dataDir, mirrorsMaxBytes } = deps
  let cancel: () => void = () => undefined
  const stopping = new AbortController()
  let trimming: Promise<void> | null = null
  async function guarded(action: () => Promise<void>): Promise<void> {
    try {
      await action()
    } catch (error) {
      if (!stopping.signal.aborted) log.warn({ error }, 'housekeeping failed')
    }
  }
  async function trimNow(): Promise<void> {
    const { bytes, evicted } = await trimMirrors(deps, mirrorsMaxBytes)
    if (evicted.length > 0) log.info({ bytes, evicted }, 'mirrors evicted')
    if (bytes > mirrorsMaxBytes)
      log.warn({ bytes, limit: mirrorsMaxBytes }, 'mirrors in use are larger than RUNNER_MIRRORS_MAX_BYTES')
  }
  function trim(): Promise<void> {
    trimming ??= guarded(trimNow).finally(() => {
      trimming = null
    })
    return trimming
  }
  async function round(): Promise<void> {
    await guarded(async () => {
      const processes = sweepOrphans(dataDir)
      const workspaces = await clearOldWorkspaces(deps.locks, dataDir, clock.now())
      if (processes + workspaces > 0) log.info({ processes, workspaces }, 'cleared what was left')
    })
    await guarded(() => tidyMirrors(deps, stopping.signal))
    await trim()
    if (!stopping.signal.aborted) cancel = clock.after(HOUSEKEEPING_MS, begin)
  }
  function begin(): void {
    running = round()
  }
  let running = Promise.resolve()
  begin()
  return {
    trim,
    async stop() {
      stopping.abort()
      cancel()
      await running
      await trimming
    },
  }
}
