import type { Simulated } from './simulate.ts'

/** Sums over many simulated runs. */
export interface Tally {
  runs: number
  events: number
  ends: Map<string, number>
  seen: Map<string, number>
}

export function createTally(): Tally {
  return { runs: 0, events: 0, ends: new Map(), seen: new Map() }
}

export function count(tally: Tally, { events, ends, seen }: Simulated): void {
  tally.runs += 1
  tally.events += events
  for (const end of ends) tally.ends.set(end, (tally.ends.get(end) ?? 0) + 1)
  for (const [what, times] of seen) tally.seen.set(what, (tally.seen.get(what) ?? 0) + times)
}

/** The counts as lines, most frequent first. */
export function histogram(counts: ReadonlyMap<string, number>): string {
  const lines = [...counts].toSorted(([, a], [, b]) => b - a).map(([what, times]) => `${String(times).padStart(9)}  ${what}`)
  return lines.join('\n')
}
