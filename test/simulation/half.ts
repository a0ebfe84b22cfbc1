/** The tasks that `npm test` simulates, in two halves: each is a test file of its own, so that two workers share them. */
import { expect } from 'vitest'
import { EXPECTED } from './expected.ts'
import { simulate } from './simulate.ts'
import { count, createTally } from './tally.ts'

/** The first task's seed. */
export const SEED = 20_260_105
/** Tasks of one half; `npm run simulate` does as many as wanted. */
export const TASKS = 5_000
/** A busy machine takes several times as long, in ms. */
export const TIMEOUT_MS = 240_000

/** Simulates one half, and expects that everything worth it was reached and every run came to an end. */
export function simulateHalf(half: 0 | 1): void {
  const tally = createTally()
  for (let index = 0; index < TASKS; index += 1) count(tally, simulate(SEED + half * TASKS + index))

  const ends = [...tally.ends.keys()]
  expect(ends).toEqual(expect.arrayContaining(['done: merged', 'done: ready', 'done: nothing-to-do', 'stopped']))
  expect(ends).not.toContain('active')
  expect(ends.filter((end) => end.startsWith('failed: ')).length).toBeGreaterThanOrEqual(12)
  expect(EXPECTED.filter((what) => !tally.seen.has(what))).toEqual([])
}
