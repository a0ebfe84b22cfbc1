import type { Failure } from '../../src/contract/failure.ts'
import type { JobLimits } from '../../src/contract/job.ts'
import type { Clock } from '../clock.ts'

/** Watches one agent process. The first limit that is passed owns the cause; later ones are silent. */
export interface Watchdog {
  /** The agent wrote something, on whichever stream. */
  byte(): void
  /** The agent's runtime told of something. */
  event(): void
  toolEnded(): void
  stop(): void
}

type Limits = Pick<JobLimits, 'inactivityMs' | 'durationMs' | 'toolSilenceMs' | 'coldStartMs'>

/** Starts watching now. `expired` is called at most once. */
export function startWatchdog(limits: Limits, clock: Clock, expired: (failure: Failure) => void): Watchdog {
  let done = false
  const timers = new Map<string, () => void>()
  function arm(name: string, ms: number, failure: Failure): void {
    timers.get(name)?.()
    if (done) return
    timers.set(
      name,
      clock.after(ms, () => {
        if (done) return
        stop()
        expired(failure)
      }),
    )
  }
  function stop(): void {
    done = true
    for (const cancel of timers.values()) cancel()
    timers.clear()
  }
  const quiet = (): void => arm('inactivity', limits.inactivityMs, inactivity(limits.inactivityMs))
  const toolless = (): void => arm('tool', limits.toolSilenceMs, toolSilence(limits.toolSilenceMs))
  arm('duration', limits.durationMs, duration(limits.durationMs))
  arm('cold', limits.coldStartMs, coldStart(limits.coldStartMs))
  quiet()
  toolless()
  return {
    byte: quiet,
    event() {
      timers.get('cold')?.()
      timers.delete('cold')
    },
    toolEnded: toolless,
    stop,
  }
}

const seconds = (ms: number): string => `${ms / 1_000} s`

function inactivity(ms: number): Failure {
  return { cause: 'timeout-inactivity', message: `The agent wrote nothing for ${seconds(ms)} and was stopped.` }
}

function toolSilence(ms: number): Failure {
  return { cause: 'timeout-inactivity', message: `No tool of the agent finished for ${seconds(ms)}; it was stopped.` }
}

function coldStart(ms: number): Failure {
  return { cause: 'timeout-inactivity', message: `The agent did not begin within ${seconds(ms)} and was stopped.` }
}

function duration(ms: number): Failure {
  return { cause: 'timeout-duration', message: `The agent worked longer than ${seconds(ms)} and was stopped.` }
}
