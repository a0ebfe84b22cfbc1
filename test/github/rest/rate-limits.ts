/** The primary limit's headers, counted per hour and caller. Refusals come from the fault switchboard. */
const PER_HOUR = 5_000
const HOUR_SECONDS = 3_600

export interface RateLimits {
  /** The headers of an answer; one that is not modified costs nothing. */
  take(caller: string, costs: boolean): Record<string, string>
}

export function createRateLimits(now: () => Date): RateLimits {
  const windows = new Map<string, { reset: number; used: number }>()
  return {
    take(caller, costs) {
      const seconds = Math.floor(now().getTime() / 1_000)
      let window = windows.get(caller)
      if (!window || window.reset <= seconds) {
        window = { reset: seconds + HOUR_SECONDS, used: 0 }
        windows.set(caller, window)
      }
      if (costs) window.used += 1
      return {
        'x-ratelimit-limit': String(PER_HOUR),
        'x-ratelimit-remaining': String(Math.max(0, PER_HOUR - window.used)),
        'x-ratelimit-used': String(window.used),
        'x-ratelimit-reset': String(window.reset),
        'x-ratelimit-resource': 'core',
      }
    },
  }
}
