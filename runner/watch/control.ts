import { type AppClient, AppRefusedError } from '../app-client.ts'
import type { Clock } from '../clock.ts'

/** After a failed poll, before the next, in ms. */
const PAUSE_AFTER_FAILURE_MS = 1_000

/**
 * Asks the app, in long polls, whether the job is still wanted, until `until` is aborted. Calls `cancelled` once with the
 * answer when it is not: cancelled by a person, started anew elsewhere, or no longer known (the app refuses the poll).
 */
export async function watchControl(
  deps: { readonly app: AppClient; readonly clock: Clock },
  job: string,
  start: number,
  until: AbortSignal,
  cancelled: (reason: string, keep: boolean, lost: boolean) => void,
): Promise<void> {
  while (!until.aborted) {
    try {
      const { cancel, keep, lost } = await deps.app.control(job, start, until)
      if (cancel !== null) return cancelled(cancel, keep, lost)
    } catch (error) {
      if (until.aborted) return
      if (error instanceof AppRefusedError && error.status !== 401) return cancelled(error.message, false, false)
      await pause(deps.clock, PAUSE_AFTER_FAILURE_MS, until)
    }
  }
}

async function pause(clock: Clock, ms: number, until: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const cancel = clock.after(ms, resolve)
    until.addEventListener('abort', () => {
      cancel()
      resolve()
    })
  })
}
