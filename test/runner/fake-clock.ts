import type { Clock } from '../../runner/clock.ts'

/** A clock that stands still until it is moved. */
export interface FakeClock extends Clock {
  advance(ms: number): void
}

export function createFakeClock(): FakeClock {
  let now = 0
  const timers = new Set<{ at: number; action: () => void }>()
  return {
    now: () => now,
    after(ms, action) {
      const timer = { at: now + ms, action }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    advance(ms) {
      const until = now + ms
      for (;;) {
        const next = [...timers].filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0]
        if (next === undefined) break
        timers.delete(next)
        now = next.at
        next.action()
      }
      now = until
    },
  }
}
