import type { Clock } from '../../../runner/clock.ts'

/** The machine's clock, which can leap ahead: what is due by then happens at once. */
export interface LeapingClock extends Clock {
  leap(ms: number): void
}

export function createLeapingClock(): LeapingClock {
  let ahead = 0
  const timers = new Set<{ at: number; action: () => void; cancel: () => void }>()
  const now = () => Date.now() + ahead
  return {
    now,
    after(ms, action) {
      const fire = () => {
        timers.delete(timer)
        action()
      }
      const handle = setTimeout(fire, ms)
      handle.unref()
      const timer = { at: now() + ms, action: fire, cancel: () => clearTimeout(handle) }
      timers.add(timer)
      return () => {
        timers.delete(timer)
        timer.cancel()
      }
    },
    leap(ms) {
      ahead += ms
      const due = [...timers].filter((timer) => timer.at <= now()).sort((a, b) => a.at - b.at)
      for (const timer of due) {
        timer.cancel()
        if (timers.has(timer)) timer.action()
      }
    },
  }
}
