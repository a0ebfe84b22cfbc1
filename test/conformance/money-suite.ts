/** The books of spending, on every store: check and charge are one act, whoever asks at the same time. */
import { eq, inArray } from 'drizzle-orm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JobId, RunId } from '../../src/contract/ids.ts'
import type { ModelCallAnswer, ModelCallEnd, ModelCallRequest } from '../../src/contract/model-call.ts'
import type { PayingJob } from '../../src/gateway/accounts.ts'
import { createSpending, type Spending } from '../../src/gateway/spending.ts'
import type { Run } from '../../src/pipeline/model.ts'
import { modelCalls, spent } from '../../src/store/tables/model-calls.ts'
import { CEILINGS } from '../support/ceilings.ts'
import { aRun, stepId } from '../support/core/build.ts'
import { openedCall } from '../support/money.ts'
import type { Opened } from './opened.ts'

/** A million tokens that are written cost 100 USD: 10,000 of them one dollar. Reading is free. */
const PRICES = [{ model: 'm', input: 0, output: 100 }]
const TOKENS_PER_USD = 10_000
const AT = Date.parse('2026-01-31T23:00:00Z')
const EPSILON = 1e-6

type Granted = Extract<ModelCallAnswer, { ok: true }>

export function moneySuite(opened: Opened): void {
  let runs = 0
  const spending = (at = AT) => {
    const options = { prices: PRICES, unpriced: 'refuse', ceilings: CEILINGS, now: () => at } as const
    return createSpending({ db: opened.store.db, ...options })
  }
  /** A run of a repository of its own, unless one is given. */
  const run = (budgets: Run['settings']['budgets'], repositoryId = 900_000 + runs): Run => {
    runs += 1
    const person = { login: 'mona', id: repositoryId }
    const task = { repositoryId, requestedBy: person, installationId: repositoryId }
    return aRun({ id: RunId.parse(`money${runs}`), settings: { budgets }, task })
  }
  const job = ({ id }: Run, epoch: number): PayingJob => ({
    id: JobId.parse(`${id}-code-${epoch}`),
    step: stepId('code'),
    role: 'coder',
    runtime: { name: 'command' },
  })
  const call = (usd: number): ModelCallRequest => ({
    start: 1,
    vendor: 'anthropic',
    model: 'm',
    requestBytes: 1,
    maxOutputTokens: Math.round(usd * TOKENS_PER_USD),
  })
  const end = async (books: Spending, paid: Run, of: PayingJob, { call, usage, outcome }: Omit<ModelCallEnd, 'start'>) =>
    books.end(paid, of, await openedCall(opened.store.db, call), { usage, outcome })
  const ended = (usd: number) => ({ outputTokens: Math.round(usd * TOKENS_PER_USD) })
  const balance = async (scope: string, subject: string) => {
    const rows = await opened.store.db.select().from(spent).where(eq(spent.subject, subject))
    return rows.find((row) => row.scope === scope)
  }

  describe('[SPD-3] check and charge', () => {
    test('are one act: however many calls are asked for at once, no budget is passed', { timeout: 120_000 }, async () => {
      const amounts = fc.array(fc.record({ job: fc.nat(3), cents: fc.integer({ min: 1, max: 90 }), used: fc.nat(100) }), {
        minLength: 15,
        maxLength: 40,
      })
      await fc.assert(
        fc.asyncProperty(amounts, async (calls) => {
          const budgets = { job: 2, run: 3, repositoryMonth: 4.5 }
          const first = run(budgets)
          const second = run(budgets, first.task.repositoryId)
          const books = spending()
          const jobs = [job(first, 1), job(first, 2), job(second, 1), job(second, 2)]
          const asked = async ({ job: of, cents, used }: (typeof calls)[number]) => {
            const [whose, paying] = [of < 2 ? first : second, jobs[of]]
            if (paying === undefined) throw new Error('four jobs')
            const { answer } = await books.ask(whose, paying, call(cents / 100))
            // Half of them end at once, among the others that are still asking.
            if (answer.ok && used % 2 === 0) {
              const usage = ended((cents * used) / 10_000)
              await end(books, whose, paying, { call: answer.call, usage, outcome: 'done' })
            }
            return answer
          }
          await Promise.all(calls.map(asked))
          const rows = await opened.store.db
            .select()
            .from(modelCalls)
            .where(inArray(modelCalls.runId, [first.id, second.id]))
          const sums = (of: (row: (typeof rows)[number]) => boolean) => {
            const mine = rows.filter(of)
            const open = mine.filter(({ state }) => state === 'open')
            return {
              reservedUsd: open.reduce((sum, { reservedUsd }) => sum + (reservedUsd ?? 0), 0),
              spentUsd: mine.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0),
            }
          }
          const check = async (scope: string, subject: string, limit: number, of: (row: (typeof rows)[number]) => boolean) => {
            const { reservedUsd, spentUsd } = sums(of)
            expect(reservedUsd + spentUsd).toBeLessThanOrEqual(limit + EPSILON)
            const kept = await balance(scope, subject)
            expect(kept?.reservedUsd ?? 0).toBeCloseTo(reservedUsd, 6)
            expect(kept?.spentUsd ?? 0).toBeCloseTo(spentUsd, 6)
          }
          for (const each of jobs) await check('job', each.id, budgets.job, ({ jobId }) => jobId === each.id)
          for (const each of [first, second]) await check('run', each.id, budgets.run, ({ runId }) => runId === each.id)
          await check('repository', String(first.task.repositoryId), budgets.repositoryMonth, () => true)
        }),
        { numRuns: 12 },
      )
    })

    test('of a crowd that asks at once exactly as many calls are let through as fit, also of a job that nothing stood on yet', async () => {
      const books = spending()
      for (const round of [1, 2, 3]) {
        const paid = run({ run: 1, repositoryMonth: 50 })
        const asked = Array.from({ length: 60 }, (_, nth) => books.ask(paid, job(paid, 1 + (nth % 3)), call(0.1)))
        const answers = (await Promise.all(asked)).map(({ answer }) => (answer.ok ? 'ok' : answer.why))
        expect(answers.filter((answer) => answer === 'ok')).toHaveLength(10)
        expect(
          answers.filter((answer) => answer === 'wait'),
          `round ${round}`,
        ).toHaveLength(50)
        expect((await balance('run', paid.id))?.reservedUsd).toBeCloseTo(1, 9)
        const rows = await opened.store.db.select().from(modelCalls).where(eq(modelCalls.runId, paid.id))
        expect(rows).toHaveLength(10)
        await Promise.all(
          rows.map((row) => end(books, paid, job(paid, 1), { call: row.id, usage: ended(0.1), outcome: 'done' })),
        )
        expect(await balance('run', paid.id)).toMatchObject({
          reservedUsd: expect.closeTo(0, 9),
          spentUsd: expect.closeTo(1, 9),
        })
      }
    })

    test('a call that does not fit for others’ sake waits; one that does not fit at all is refused, and said of which budget', async () => {
      const books = spending()
      const paid = run({ run: 1 })
      const ask = (usd: number) => books.ask(paid, job(paid, 1), call(usd))
      const open = (await ask(0.6)).answer as Granted
      expect(open).toMatchObject({ ok: true, limitUsd: 0.6 })
      expect(await ask(0.6)).toMatchObject({ answer: { ok: false, why: 'wait' }, reached: null })
      expect(await ask(1.2)).toMatchObject({
        answer: { ok: false, why: 'budget', message: expect.stringContaining('The budget of this run is used up') },
        reached: { scope: 'run', usedUsd: 0, limitUsd: 1, nextUsd: 1.2, raisable: true },
      })
      const half = { call: open.call, usage: ended(0.5), outcome: 'done' } as const
      await end(books, paid, job(paid, 1), half)
      expect(await ask(0.6)).toMatchObject({ answer: { why: 'budget' }, reached: { usedUsd: 0.5 } })
      expect((await ask(0.5)).answer.ok).toBe(true)
      // Told twice, it is charged once.
      await end(books, paid, job(paid, 1), half)
      expect(await balance('run', paid.id)).toMatchObject({ spentUsd: 0.5, reservedUsd: 0.5 })
    })
  })

  describe('[SPD-2] a budget', () => {
    test('is said to be nearly used once, at four fifths', async () => {
      const books = spending()
      const paid = run({ run: 10 })
      const spend = async (usd: number) => {
        const granted = (await books.ask(paid, job(paid, 1), call(usd))).answer as Granted
        return end(books, paid, job(paid, 1), { call: granted.call, usage: ended(usd), outcome: 'done' })
      }
      expect(await spend(7.9)).toBeNull()
      expect(await spend(0.2)).toMatchObject({ scope: 'run', limitUsd: 10 })
      expect(await spend(0.2)).toBeNull()
    })

    test('that people raised lets the same call through, and never past the deployment’s', async () => {
      const books = spending()
      const paid = run({ job: 1, run: 1 })
      const ask = (addedUsd: number, usd: number) =>
        books.ask({ ...paid, budget: { addedUsd, near: null, reached: null } }, job(paid, 1), call(usd))
      expect((await ask(0, 1.5)).answer).toMatchObject({ ok: false })
      expect((await ask(0.5, 1.5)).answer).toMatchObject({ ok: true })
      expect((await ask(1_000, CEILINGS.job + 1)).reached).toMatchObject({
        scope: 'job',
        limitUsd: CEILINGS.job,
        raisable: false,
      })
    })

    test('of a month has room again in the next', async () => {
      const paid = run({ repositoryMonth: 1 })
      expect((await spending().ask(paid, job(paid, 1), call(1))).answer.ok).toBe(true)
      expect((await spending().ask(paid, job(paid, 1), call(0.1))).answer.ok).toBe(false)
      expect((await spending(AT + 3_600_000).ask(paid, job(paid, 1), call(1))).answer.ok).toBe(true)
    })

    test('of a purse holds the jobs that share it, beside the run’s own', async () => {
      const books = spending()
      const paid = run({ run: 100 })
      const purse = { name: 'Explore', limitUsd: 1 }
      const ask = (epoch: number, name = purse.name) =>
        books.ask(paid, { ...job(paid, epoch), purse: { ...purse, name } }, call(0.7))
      expect((await ask(1)).answer.ok).toBe(true)
      expect((await ask(2)).answer).toMatchObject({ ok: false, why: 'wait' })
      expect((await ask(2, 'Build')).answer.ok).toBe(true)
    })
  })

  test('[SPD-1] a model that the deployment does not permit is refused, whatever the repository lists, and nothing is written down', async () => {
    const options = { prices: PRICES, unpriced: 'allow', ceilings: CEILINGS, now: () => AT, allowed: ['m'] } as const
    const books = createSpending({ db: opened.store.db, ...options })
    const bare = run({ run: 10 })
    const paid = { ...bare, settings: { ...bare.settings, models: ['m', 'other-*'] } }
    expect((await books.ask(paid, job(paid, 1), call(1))).answer.ok).toBe(true)
    expect(await books.ask(paid, job(paid, 1), { ...call(1), model: 'other-1' })).toMatchObject({
      answer: { ok: false, why: 'model', message: expect.stringContaining('ALLOWED_MODELS') },
      reached: null,
    })
    expect(await opened.store.db.select().from(modelCalls).where(eq(modelCalls.runId, paid.id))).toHaveLength(1)
  })

  test('[SPD-3] what is not metered is written down, and counts for no budget', async () => {
    const options = { prices: PRICES, unpriced: 'allow', ceilings: CEILINGS, now: () => AT } as const
    const books = createSpending({ db: opened.store.db, ...options })
    const paid = run({ run: 0.01 })
    const { answer } = await books.ask(paid, job(paid, 1), { ...call(5), model: 'nobody-knows' })
    expect(answer).toMatchObject({ ok: true, price: null, limitUsd: null })
    const five = { call: (answer as Granted).call, usage: ended(5), outcome: 'done' } as const
    expect(await end(books, paid, job(paid, 1), five)).toBeNull()
    expect(await balance('run', paid.id)).toBeUndefined()
  })
}
