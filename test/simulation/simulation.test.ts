import { describe, expect, test } from 'vitest'
import { SEED, simulateHalf, TASKS, TIMEOUT_MS } from './half.ts'
import { simulate } from './simulate.ts'

describe('simulation', { timeout: TIMEOUT_MS }, () => {
  test(`${TASKS} simulated tasks: every invariant holds after every event, and every run comes to an end`, () => {
    simulateHalf(0)
  })

  test('the same seed gives the same run', () => {
    expect(simulate(SEED)).toEqual(simulate(SEED))
  })
})
