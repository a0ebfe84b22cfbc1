import { setTimeout as sleep } from 'node:timers/promises'

/** How often a condition is looked at, in ms: also how exact the times of a case are. */
export const LOOK_MS = 25

/** Waits for what a condition gives, as soon as it gives something. @throws after `withinMs`, with what `what` says then. */
export async function until<T>(
  what: () => string,
  withinMs: number,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
): Promise<T> {
  const end = Date.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== null && found !== undefined && found !== false) return found
    if (Date.now() > end) throw new Error(`Not within ${withinMs / 1_000} s: ${what()}`)
    await sleep(LOOK_MS)
  }
}
