/** One side of a comparison: does its work once and gives what it measured. */
export type Side<T> = (round: number) => Promise<T>

/**
 * Measures several sides in turn, round after round, each round beginning with another one: what else the machine does
 * hits all of them. Gives the measurements of each side, in the order of the sides.
 */
export async function alternate<T>(rounds: number, sides: readonly Side<T>[]): Promise<T[][]> {
  const measured: T[][] = sides.map(() => [])
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < sides.length; turn += 1) {
      const index = (round + turn) % sides.length
      const value = await sides[index]?.(round)
      if (value !== undefined) measured[index]?.push(value)
    }
  }
  return measured
}

/** The value below which this share (0 to 1) of the values lies; 0 without values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
}

export function median(values: readonly number[] | undefined): number {
  return quantile(values ?? [], 0.5)
}

/** How long it took, in ms. */
export async function timed(act: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await act()
  return performance.now() - started
}

/** Runs `act` for 0 to `count - 1`, so many at a time. */
export async function inParallel(count: number, atOnce: number, act: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  const lane = async () => {
    while (next < count) {
      const index = next
      next += 1
      await act(index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane))
}
