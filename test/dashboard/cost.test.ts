/** The dashboard's section about money: what the ledger of the store has, on the page of a run (SPD-1). */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PayingJob } from '../../src/gateway/accounts.ts'
import { createSpending } from '../../src/gateway/spending.ts'
import type { Run } from '../../src/pipeline/model.ts'
import { CEILINGS } from '../support/ceilings.ts'
import { legKey } from '../support/core/build.ts'
import { openedCall } from '../support/money.ts'
import { acmeRun } from './demo-state.ts'
import { ask } from './http.ts'
import { type Served, serveDashboard } from './serve.ts'
import { type StoredRun, storeRun } from './stored-run.ts'

const MODEL = 'claude-sonnet-4-5'
/** 1,000 tokens read and 20,000 written: 0.303 USD at the built-in prices. */
const USAGE = { inputTokens: 1_000, outputTokens: 20_000 }

let served: Served
let stored: StoredRun
beforeAll(async () => {
  served = await serveDashboard()
  const run = acmeRun('paid1', legKey('acme__api'), 1, 'Paid')
  const budgeted: Run = { ...run, settings: { ...run.settings, budgets: { run: 5 } } }
  stored = await storeRun(served.store, budgeted, Date.now())
  await stored.send({ type: 'run.admitted' })
})
afterAll(() => served.close())

const page = async () => (await ask(served.port, '/runs/paid1')).body
const costs = async () => /<summary>Cost<\/summary>([\s\S]*?)<\/details>/.exec(await page())?.[1] ?? null

/** Calls a model for the run's job, as its gateway does; gives how the call is ended. */
async function call(model: string): Promise<() => Promise<unknown>> {
  const { run } = stored
  const job: PayingJob = {
    id: stored.job(),
    step: run.steps[0]?.id ?? 'none',
    role: 'planner',
    runtime: { name: 'claude' },
  } as PayingJob

  const books = createSpending({ db: served.store.db, prices: [], unpriced: 'allow', ceilings: CEILINGS, now: Date.now })
  const asked = { start: 1, vendor: 'anthropic', model, requestBytes: 100, maxOutputTokens: 20_000 } as const
  const { answer } = await books.ask(run, job, asked)
  if (!answer.ok) throw new Error(answer.message)
  const opened = await openedCall(served.store.db, answer.call)
  return () => books.end(run, job, opened, { usage: USAGE, outcome: 'done' })
}

test('[SPD-1] a run that called no model has no section about money; then it has what each kind of call cost, and what is left', async () => {
  expect(await costs()).toBeNull()
  const end = await call(MODEL)
  expect(await costs()).toContain('1, 1 under way')
  await end()
  await (await call(MODEL))()
  const now = await costs()
  expect(now).toContain('<strong>$0.61</strong>')
  expect(now).toContain('The run may spend $5.00; $4.39 is left.')
  expect(now).toMatch(
    new RegExp(
      `<td>plan</td>\\s*<td>planner</td>\\s*<td>${MODEL}</td>[\\s\\S]*?>2</td>[\\s\\S]*?>42,000</td>[\\s\\S]*?>\\$0\\.61</td>`,
    ),
  )
  expect(await page()).toContain('$0.61')
})

test('what is not metered is said to be so, and a model’s name makes neither markup nor cells', async () => {
  await (await call('<img src=x onerror=alert(1)>|x'))()
  const now = await costs()
  expect(now).toContain('at least $0.61')
  expect(now).toContain('1 call went to a model without a known price and counted for no budget.')
  expect(now).not.toContain('<img')
  expect(now).toMatch(/<td>[^<]*\|x<\/td>/)
})
