import type { Row } from './row.ts'

/** `quick` shows only that a bench runs; `full` takes the sizes that a release is measured with. */
export type Size = 'quick' | 'default' | 'full'

export interface BenchContext {
  size: Size
  /** Says what is being done, for whoever waits. */
  tell(what: string): void
}

export interface Bench {
  /** On the command line. */
  name: string
  title: string
  /** What the figures are held against, in a line. */
  against: string
  run(context: BenchContext): Promise<Row[]>
}

/** One of three, by size. */
export function bySize<T>(size: Size, choices: Record<Size, T>): T {
  return choices[size]
}
