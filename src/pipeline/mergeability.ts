import type { Instant } from './model.ts'

/** How soon GitHub is asked again while it has not decided whether a pull request can merge, in ms; each time a little later. */
const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 5_000
/** How often it is asked so before the slow sweep takes over. */
export const QUICK_ASKS = 10

/** When to ask next, after so many answers in a row without a decision. GitHub computes it when it is asked first. */
export function askMergeabilityAt(now: Instant, asks: number, sweepMs: number): Instant {
  return now + (asks < QUICK_ASKS ? Math.min(FIRST_RETRY_MS * (asks + 1), LAST_RETRY_MS) : sweepMs)
}
