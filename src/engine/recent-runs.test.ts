import { expect, test } from 'vitest'
import { aRun } from '../../test/support/core/build.ts'
import { createRecentRuns } from './recent-runs.ts'

test('a run is handed out once, until it is kept again', () => {
  const recent = createRecentRuns()
  const run = aRun()
  expect(recent.take(run.id)).toBeNull()
  recent.keep(run)
  expect(recent.take(run.id)).toBe(run)
  expect(recent.take(run.id)).toBeNull()
})

test('those that were used longest ago make room', () => {
  const recent = createRecentRuns()
  const runs = Array.from({ length: 1_000 }, (_, n) => aRun({ id: `many${n}` }))
  const [first, second] = runs
  if (first === undefined || second === undefined) throw new Error('too few')
  for (const run of runs) {
    recent.keep(first)
    recent.keep(run)
  }
  expect(recent.take(first.id)).toBe(first)
  expect(recent.take(second.id)).toBeNull()
  expect(runs.filter(({ id }) => recent.take(id) !== null)).toHaveLength(199)
})
