import { expect, test } from 'vitest'
import { aRun, aStep } from '../../test/support/core/build.ts'
import type { Usage } from '../contract/job.ts'
import type { Spent } from './ledger.ts'
import { withLedger } from './with-ledger.ts'

const TOLD: Usage = { inputTokens: 5, outputTokens: 6, turns: 3, costUsd: 9 }
const spent = (change: Partial<Spent>): Spent => ({
  step: 'code',
  role: 'coder',
  model: 'm',
  calls: 1,
  open: 0,
  unmetered: 0,
  estimated: 0,
  usage: {},
  costUsd: null,
  ...change,
})

/** A run whose two agents told of themselves. */
function told() {
  const run = aRun({ steps: [aStep('agent', 'code'), aStep('agent', 'second')] })
  return { ...run, steps: run.steps.map((step) => ({ ...step, usage: TOLD })) }
}
const usageOf = (rows: readonly Spent[]) => withLedger(told(), rows).steps.map(({ usage }) => usage)

test('[SPD-1] what the gateway saw of a step takes the place of what its agents told; of other steps their word stays', () => {
  const rows = [
    spent({ usage: { inputTokens: 100, outputTokens: 10, cacheReadTokens: 1_000, cacheWriteTokens: 7 }, costUsd: 0.5 }),
    spent({ model: 'small', usage: { outputTokens: 1 }, costUsd: 0.25 }),
  ]
  expect(usageOf(rows)).toEqual([{ inputTokens: 107, outputTokens: 11, cacheReadTokens: 1_000, turns: 3, costUsd: 0.75 }, TOLD])
})

test('[SPD-1] the cost that agents told stays only where nothing that the gateway saw has a price', () => {
  const unmetered = spent({ unmetered: 1, usage: { inputTokens: 1, outputTokens: 2 } })
  expect(usageOf([unmetered])[0]).toEqual({ inputTokens: 1, outputTokens: 2, cacheReadTokens: 0, turns: 3, costUsd: 9 })
  expect(usageOf([unmetered, spent({ costUsd: 0.5 })])[0]?.costUsd).toBe(0.5)
})

test('a run without calls is shown as it is', () => {
  const run = told()
  expect(withLedger(run, [])).toBe(run)
})
