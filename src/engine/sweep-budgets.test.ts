import pino from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CEILINGS } from '../../test/support/ceilings.ts'
import { aRun, aStep } from '../../test/support/core/build.ts'
import { wasSpent } from '../../test/support/money.ts'
import type { BudgetScope, BudgetStand } from '../contract/budget.ts'
import { openStore } from '../store/open-store.ts'
import { getRun } from '../store/runs.ts'
import type { Store } from '../store/store.ts'
import { admit } from './admission.ts'
import { createEngine, type Engine } from './engine.ts'
import { sweepBudgets } from './sweep-budgets.ts'

const DECEMBER = Date.parse('2026-12-31T23:59:00Z')
const JANUARY = Date.parse('2027-01-01T00:00:00Z')
const log = pino({ level: 'silent' })
const nothing = async () => undefined

let store: Store
let engine: Engine
let number = 0
beforeAll(async () => {
  store = await openStore({ log })
  const queue = { addEffects: nothing, addTimers: nothing, nudgeAdmission: nothing }
  engine = createEngine({ store, queue, now: () => DECEMBER, log, showDelayMs: 0 })
})
afterAll(() => store.close())

/** A run at work that was paused because 4.80 of the 5 USD of this budget were used, and the next call may cost 0.50. */
async function aPausedRun(scope: BudgetScope) {
  number += 1
  const repositoryId = 700 + number
  const budgets = { run: 5, repositoryMonth: 5 }
  const run = aRun({
    id: `sweep${number}`,
    steps: [aStep('agent', 'code')],
    settings: { budgets },
    task: { repositoryId, number },
  })
  await engine.create(run, { priority: false, text: '' })
  await admit(store, engine, { deployment: 99, installation: 99, repository: 99, person: 99 })
  const stand: BudgetStand = { scope, usedUsd: 4.8, limitUsd: 5, nextUsd: 0.5, raisable: true }
  const account = { scope: 'repository', subject: String(repositoryId), period: '2026-12' } as const
  await wasSpent(store.db, account, 4.8)
  const job = (await getRun(store.db, run.id))?.steps[0]?.status
  const waits = job?.state === 'active' && job.wait?.for === 'job' ? job.wait.job : null
  if (waits === null) throw new Error(`the run waits for no job: ${JSON.stringify(job)}`)
  await engine.apply(run.id, 'reached', { type: 'budget.reached', job: waits, stand })
  return async () => (await getRun(store.db, run.id))?.status.state
}

test('[SPD-2] a run that waits for its month goes on with the next one, and not before', async () => {
  const state = await aPausedRun('repository')
  expect(await sweepBudgets(store.db, engine, CEILINGS, DECEMBER)).toBe(0)
  expect(await state()).toBe('paused')
  expect(await sweepBudgets(store.db, engine, CEILINGS, JANUARY)).toBe(1)
  expect(await state()).toBe('active')
  expect(await sweepBudgets(store.db, engine, CEILINGS, JANUARY)).toBe(0)
})

test('[SPD-2] one whose own budget is used up waits for people, whatever the month', async () => {
  const state = await aPausedRun('run')
  expect(await sweepBudgets(store.db, engine, CEILINGS, JANUARY)).toBe(0)
  expect(await state()).toBe('paused')
})
