import type { z } from 'zod'
import { HEARTBEAT_MS, type OfferedRuntime, type RunnerHeartbeat } from '../src/contract/api.ts'
import type { Runtime } from './agents/runtime.ts'
import type { AppClient } from './app-client.ts'
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'

/** How often the runtimes are looked at anew, in ms: somebody may have installed one or logged in. */
const DETECT_EVERY_MS = 300_000

export interface HeartbeatDeps {
  readonly app: AppClient
  readonly clock: Clock
  readonly log: Log
  readonly runtimes: ReadonlyMap<string, Runtime>
}

/** How soon the app is tried again after it could not be reached, in ms. */
const RETRY_MS = 1_000

/**
 * Tells the app every 10 s that this runner lives, what it works on and which runtimes it offers.
 *
 * @param reached told after each beat whether the app took it
 */
export function startHeartbeat(
  deps: HeartbeatDeps,
  about: Pick<z.infer<typeof RunnerHeartbeat>, 'runner' | 'version' | 'concurrency' | 'sandbox'>,
  active: () => string[],
  reached: (app: boolean) => void,
): { stop(): Promise<void> } {
  const closing = new AbortController()
  let detected: Promise<OfferedRuntime[]> = detect()
  let detectedAt = deps.clock.now()
  let cancel: () => void = () => undefined
  let beating = beat()
  function detect(): Promise<OfferedRuntime[]> {
    return Promise.all([...deps.runtimes.values()].map((runtime) => runtime.detect()))
  }
  async function beat(): Promise<void> {
    let next = RETRY_MS
    try {
      if (deps.clock.now() - detectedAt > DETECT_EVERY_MS) {
        detectedAt = deps.clock.now()
        detected = detect()
      }
      await deps.app.heartbeat({ ...about, active: active(), runtimes: await detected }, closing.signal)
      next = HEARTBEAT_MS
    } catch (error) {
      if (!closing.signal.aborted) deps.log.warn({ error }, 'heartbeat failed')
    }
    if (closing.signal.aborted) return
    reached(next === HEARTBEAT_MS)
    cancel = deps.clock.after(next, () => {
      beating = beat()
    })
  }
  return {
    async stop() {
      closing.abort()
      cancel()
      await beating
    },
  }
}
