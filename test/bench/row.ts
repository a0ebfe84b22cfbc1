/** What a bench found: one figure of ours beside what it is held against, measured in the same run. */

export type Unit = 'ms' | 's' | 'per s' | 'MiB' | 'writes'

/** What a figure is asked to be: a multiple of the floor's cost, or a bound of its own. */
export type Target =
  | { kind: 'ratio'; atMost: number }
  | { kind: 'at-most'; value: number }
  | { kind: 'at-least'; value: number }

export interface Figure {
  kind: 'figure'
  what: string
  unit: Unit
  ours: number
  /** Null where nothing public is comparable. */
  floor: number | null
  target?: Target
  /** Beside it, for people. */
  note?: string
}

/** Not measured here, and why. */
export interface Skipped {
  kind: 'skipped'
  what: string
  why: string
}

/** A bench that broke off: nothing it may have measured counts. */
export interface Failed {
  kind: 'failed'
  what: string
  why: string
}

export type Row = Figure | Skipped | Failed

/** How many times the floor's cost ours is: 2 is twice as long, as large, or half as many a second. */
export function ratioOf({ unit, ours, floor }: Pick<Figure, 'unit' | 'ours' | 'floor'>): number | null {
  if (floor === null || floor === 0 || ours === 0) return null
  return unit === 'per s' ? floor / ours : ours / floor
}

/** Whether the target is met; null where there is none. */
export function isMet(figure: Figure): boolean | null {
  const { target, ours } = figure
  switch (target?.kind) {
    case undefined:
      return null
    case 'ratio': {
      const ratio = ratioOf(figure)
      return ratio === null ? null : ratio <= target.atMost
    }
    case 'at-most':
      return ours <= target.value
    case 'at-least':
      return ours >= target.value
  }
}
