import type { Clock } from './clock.ts'
import type { Log } from './log.ts'
import { sweepOrphans } from './watch/process-tree.ts'
import { clearOldWorkspaces } from './workspace/clear-workspaces.ts'

/** How often old workspaces and orphaned processes are looked for, in ms. */
const HOUSEKEEPING_MS = 1_800_000

/** Clears what killed runners and finished jobs left on this machine, now and every half hour. */
export function startHousekeeping(dataDir: string, clock: Clock, log: Log): { stop(): void } {
  let cancel: () => void = () => undefined
  let stopped = false
  async function round(): Promise<void> {
    try {
      const processes = sweepOrphans(dataDir)
      const workspaces = await clearOldWorkspaces(dataDir, clock.now())
      if (processes + workspaces > 0) log.info({ processes, workspaces }, 'cleared what was left')
    } catch (error) {
      log.warn({ error }, 'housekeeping failed')
    }
    if (!stopped) cancel = clock.after(HOUSEKEEPING_MS, () => void round())
  }
  void round()
  return {
    stop() {
      stopped = true
      cancel()
    },
  }
}
