import { describe, test } from 'vitest'
import { simulateHalf, TASKS, TIMEOUT_MS } from './half.ts'

describe('simulation', { timeout: TIMEOUT_MS }, () => {
  test(`${TASKS} tasks more: every invariant holds after every event, and every run comes to an end`, () => {
    simulateHalf(1)
  })
})
