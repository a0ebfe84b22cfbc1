/**
 * GitHub never delivers again by itself. What it could not deliver while no app listened is asked for at the start: the
 * app's failed deliveries since the last one that came, each under its old id, so that one that was stored after all is
 * known and changes nothing.
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
  const since = new Date(Math.max(lastReceivedAt - OVERTAKING_MS, now - DELIVERIES_KEPT_MS))
  const missed = failedDeliveries(await listDeliveries(app, since))
  // In the order in which they were meant to come.
  for (const { id } of missed.toReversed()) await redeliver(app, id)
  return missed.length
}
