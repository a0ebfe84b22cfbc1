import { eq } from 'drizzle-orm'
import pino from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CEILINGS } from '../../test/support/ceilings.ts'
import { aRun, aStep, stepId } from '../../test/support/core/build.ts'
import { openedCall } from '../../test/support/money.ts'
import { JobId, RunId } from '../contract/ids.ts'
import type { ModelCallAnswer } from '../contract/model-call.ts'
import { openStore } from '../store/open-store.ts'
import type { Store } from '../store/store.ts'
import { jobs } from '../store/tables/jobs.ts'
import { spent } from '../store/tables/model-calls.ts'
import { spentByRun } from './ledger.ts'
import { createSpending } from './spending.ts'
import { sweepCalls } from './sweep-calls.ts'

const AT = Date.parse('2026-01-05T09:00:00Z')
const LATER = AT + 600_000

let store: Store
let number = 0
beforeAll(async () => {
  store = await openStore({ log: pino({ level: 'silent' }) })
})
afterAll(() => store.close())

/** A job with a call that is under way, as it stands in the store. */
async function aCall(row: Partial<typeof jobs.$inferInsert>) {
  number += 1
  const run = aRun({ id: RunId.parse(`run${number}`), steps: [aStep('agent', 'code')], settings: { budgets: { run: 5 } } })
  const id = JobId.parse(`${run.id}-code-1`)
  const base = { id, runId: run.id, step: 'code', epoch: 1, spec: {}, start: 1, heartbeatAt: AT, createdAt: AT }
  await store.db.insert(jobs).values({ ...base, ...row })
  const books = createSpending({ db: store.db, prices: [], unpriced: 'refuse', ceilings: CEILINGS, now: () => AT })
  const job = { id, step: stepId('code'), role: 'coder', runtime: { name: 'command' } }
  const request = {
    start: 1,
    vendor: 'anthropic',
    model: 'claude-sonnet-4-5',
    requestBytes: 0,
    maxOutputTokens: 1_000,
  } as const
  const { answer } = await books.ask(run, job, request)
  return { run, job, books, granted: answer as Extract<ModelCallAnswer, { ok: true }> }
}

test.each([
  ['whose job is over', { state: 'over', endedAt: AT + 1_000 }],
  ['whose job was cancelled', { state: 'cancelled' }],
  ['that an earlier start made', { state: 'running', start: 2, heartbeatAt: LATER }],
] as const)(
  '[SPD-3] a call %s, and that nobody ended, is charged the most that it can have cost, once',
  async (_which, row) => {
    const { run, job, books, granted } = await aCall(row)
    const most = granted.limitUsd ?? 0
    expect(await sweepCalls(store.db, [], AT + 30_000)).toBe(0)
    expect(await sweepCalls(store.db, [], LATER)).toBe(1)
    expect(await spentByRun(store.db, run.id)).toMatchObject([{ open: 0, estimated: 1, costUsd: most }])
    const [balance] = await store.db.select().from(spent).where(eq(spent.subject, run.id))
    expect(balance).toMatchObject({ reservedUsd: 0, spentUsd: most })
    // A runner that comes back tells too late.
    const call = await openedCall(store.db, granted.call)
    await books.end(run, job, call, { usage: { outputTokens: 1 }, outcome: 'done' })
    expect(await sweepCalls(store.db, [], LATER)).toBe(0)
    expect(await spentByRun(store.db, run.id)).toMatchObject([{ costUsd: most }])
  },
)

test('a call of a job that works is left alone, however long it takes', async () => {
  const { run } = await aCall({ state: 'running', heartbeatAt: LATER })
  expect(await sweepCalls(store.db, [], LATER)).toBe(0)
  expect(await spentByRun(store.db, run.id)).toMatchObject([{ open: 1, costUsd: null }])
})
