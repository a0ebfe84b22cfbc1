/**
 * GitHub never delivers again by itself. What it could not deliver is asked for: at the start the failed deliveries since
 * the last one that came, and every hour those since the last look. Each comes under its old id, so that one that was
 * stored after all is known and changes nothing.
 */
import { failedDeliveries, listDeliveries, redeliver } from '../github/deliveries.ts'
import type { Octokit } from '../github/octokit.ts'

/** How long before the last delivery that came another may have failed to come, in ms: they overtake each other. */
export const OVERTAKING_MS = 60_000
/** How long GitHub keeps deliveries, in ms. */
export const DELIVERIES_KEPT_MS = 3 * 24 * 60 * 60_000

export interface RedeliverOptions {
  /** The App's own client. */
  app: Octokit
  /** When the last delivery came before this start, in ms since the epoch; null where none ever came. */
  lastReceivedAt: number | null
  now: number
}

/** Has GitHub deliver again what failed; gives how many. Where nothing ever came, nothing was missed. */
export async function redeliverMissed({ app, lastReceivedAt, now }: RedeliverOptions): Promise<number> {
  if (lastReceivedAt === null) return 0
  return redeliverSince(app, Math.max(lastReceivedAt - OVERTAKING_MS, now - DELIVERIES_KEPT_MS))
}

/**
 * The hourly look. The first one goes back as far as GitHub keeps deliveries, for what failed before a restart; each later
 * one to the look before the last, so that a redelivery that failed too is asked for again.
 */
export function createMissedSweep(app: Octokit, now: () => number): () => Promise<number> {
  let looks: { last: number; before: number } | null = null
  return async () => {
    const at = now()
    const since = looks === null ? at - DELIVERIES_KEPT_MS : looks.before - OVERTAKING_MS
    const missed = await redeliverSince(app, since)
    // Only a look that came through moves the window on.
    looks = { last: at, before: looks?.last ?? at }
    return missed
  }
}

async function redeliverSince(app: Octokit, since: number): Promise<number> {
  const missed = failedDeliveries(await listDeliveries(app, new Date(since)))
  // In the order in which they were meant to come.
  for (const { id } of missed.toReversed()) await redeliver(app, id)
  return missed.length
}
