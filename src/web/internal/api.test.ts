import pino from 'pino'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { CEILINGS } from '../../../test/support/ceilings.ts'
import { ALICE, aRun, aStep, comment } from '../../../test/support/core/build.ts'
import { noop } from '../../../test/support/core/results.ts'
import { jobPath } from '../../contract/api.ts'
import type { JobSpec } from '../../contract/job.ts'
import { CRASH_BUDGET } from '../../contract/queue.ts'
import { admit } from '../../engine/admission.ts'
import { createEngine, type Engine } from '../../engine/engine.ts'
import { spentByRun } from '../../gateway/ledger.ts'
import { createSpending } from '../../gateway/spending.ts'
import { GitHubError } from '../../github/errors.ts'
import type { RunSettings } from '../../pipeline/run-settings.ts'
import { buildJobSpec } from '../../roles/job-spec.ts'
import { loadRoles } from '../../roles/load-roles.ts'
import { getJob, insertJob, requestCancel } from '../../store/jobs.ts'
import { openStore } from '../../store/open-store.ts'
import { getEffect } from '../../store/outbox.ts'
import { getRun } from '../../store/runs.ts'
import type { Store } from '../../store/store.ts'
import { internalApi } from './api.ts'
import { createJobTokens } from './job-tokens.ts'

const log = pino({ level: 'silent' })
const SECRET = 'a secret of the runners'
const nothing = async () => undefined

let store: Store
let engine: Engine
let api: ReturnType<typeof internalApi>
let minted: string[] = []
let revoked: string[] = []
let number = 0

beforeAll(async () => {
  store = await openStore({ log })
  const queue = { addEffects: nothing, addTimers: nothing, nudgeAdmission: nothing }
  engine = createEngine({ store, queue, now: Date.now, log, showDelayMs: 0 })
  api = internalApi({
    store,
    engine,
    secret: SECRET,
    log,
    mintToken: async (_installation, repository, operation) => {
      if (repository === 13) throw new GitHubError({ cause: 'api', message: 'no', status: 422, original: null })
      minted.push(`${operation} ${repository}`)
      return { token: `ghs_${minted.length}`, expiresAt: new Date(Date.now() + 3_600_000).toISOString() }
    },
    spending: createSpending({ db: store.db, prices: [], unpriced: 'allow', ceilings: CEILINGS, now: Date.now }),
    jobTokens: createJobTokens(async (token) => void revoked.push(token), log, Date.now),
  })
})
afterAll(() => store.close())

async function ask(path: string, body: unknown, secret = SECRET): Promise<{ status: number; body: unknown }> {
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }
  const response = await api.request(path.replace('/internal', ''), { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await response.text()
  return { status: response.status, body: text === '' ? null : JSON.parse(text) }
}

/** A run whose code job waits for a runner. */
async function aJob(settings: Partial<RunSettings> = {}): Promise<JobSpec> {
  number += 1
  const base = aRun({ id: `run${number}`, steps: [aStep('agent', 'code')], settings })
  const run = { ...base, task: { ...base.task, number } }
  await engine.create(run, { priority: false, text: '' })
  await admit(store, engine, { deployment: 99, installation: 99, repository: 99, person: 99 })
  const [admitted, stored] = await Promise.all([getRun(store.db, run.id), getEffect(store.db, `${run.id}-code-1-enqueue`)])
  if (admitted === null || stored?.effect.kind !== 'enqueue-job') throw new Error('the job was not asked for')
  const author = { name: 'Switchyard', email: 'bot@example.com' }
  const nonce = 'n'.repeat(32)
  const roles = await loadRoles()
  const spec = buildJobSpec({ run: admitted, effect: stored.effect, roles, nonce, allowedHosts: ['github.com'], author })
  await insertJob(store.db, spec)
  return spec
}

const start = (job: string, runner = 'one') => ask(jobPath(job, 'start'), { runner })

describe('the internal API', () => {
  test('answers nobody who does not know the secret', async () => {
    const job = await aJob()
    for (const secret of ['', 'wrong', `${SECRET}x`]) {
      expect((await ask(jobPath(job.id, 'start'), { runner: 'one' }, secret)).status).toBe(401)
    }
    expect((await getJob(store.db, job.id))?.state).toBe('queued')
  })

  test('[JOB-1] says where a request is malformed', async () => {
    const job = await aJob()
    const answer = await ask(jobPath(job.id, 'token'), { repositoryId: 'all', operation: 'fetch', start: 1 })
    expect(answer).toMatchObject({
      status: 400,
      body: { error: 'malformed', message: expect.stringContaining('repositoryId') },
    })
  })

  test('lets a job start once more after a lost runner, and not after it is over, cancelled or superseded', async () => {
    const job = await aJob()
    expect((await start(job.id)).body).toEqual({ go: true, start: 1 })
    expect((await start(job.id, 'two')).body).toEqual({ go: true, start: 2 })
    expect((await start('nobody-code-1')).body).toEqual({ go: false, why: 'unknown' })

    const cancelled = await aJob()
    await requestCancel(store.db, cancelled.id, { why: 'stopped', keep: false })
    expect((await start(cancelled.id)).body).toEqual({ go: false, why: 'cancelled' })

    const stale = await aJob()
    const stop = { type: 'command.stop', actor: ALICE, trigger: comment(), why: '' } as const
    await engine.apply(stale.run, 'stop', stop)
    expect((await start(stale.id)).body).toEqual({ go: false, why: 'stale' })
  })

  test('a start after a lost one begins with the connections that were refused to that', async () => {
    const job = await aJob()
    await start(job.id)
    const denied = [{ host: 'evil.example', port: 443, why: 'not-listed', count: 2 }]
    await ask(jobPath(job.id, 'progress'), { start: 1, progress: { phase: 'agent', usage: {}, denied }, log: [] })
    expect((await start(job.id, 'two')).body).toEqual({ go: true, start: 2, denied })
  })

  test('gives up a job that was started too often: its step fails as evicted', async () => {
    const job = await aJob()
    for (let times = 0; times <= CRASH_BUDGET; times += 1) await start(job.id, `runner ${times}`)
    expect((await start(job.id, 'the next')).body).toEqual({ go: false, why: 'too-many-starts' })
    expect((await getRun(store.db, job.run))?.status).toMatchObject({ state: 'failed', failure: { cause: 'evicted' } })
  })

  test('[JOB-11] a job that runners hand back costs no crash, and neither does a runner that asks a second time', async () => {
    const job = await aJob()
    for (let times = 1; times <= 8; times += 1) {
      expect((await start(job.id, `runner ${times}`)).body).toEqual({ go: true, start: times })
      expect((await ask(jobPath(job.id, 'hand-back'), { runner: 'somebody else' })).status).toBe(204)
      expect((await getJob(store.db, job.id))?.state).toBe('running')
      expect((await ask(jobPath(job.id, 'hand-back'), { runner: `runner ${times}` })).status).toBe(204)
      expect(await getJob(store.db, job.id)).toMatchObject({ state: 'queued', runner: null })
      expect((await ask(jobPath(job.id, 'result'), { start: times, result: noop() })).status).toBe(409)
    }
    for (let times = 9; times <= 12; times += 1) {
      expect((await start(job.id, 'a runner whose answers get lost')).body).toEqual({ go: true, start: times })
    }
    expect((await start(job.id, 'after one crash')).body).toEqual({ go: true, start: 13 })
    expect((await start(job.id, 'after two')).body).toEqual({ go: false, why: 'too-many-starts' })
  })

  test('[JOB-11] a new start takes back every token that the one before still has, before it may begin', async () => {
    const job = await aJob()
    await start(job.id)
    minted = []
    revoked = []
    await ask(jobPath(job.id, 'token'), { repositoryId: 11, operation: 'fetch', start: 1 })
    await ask(jobPath(job.id, 'token'), { repositoryId: 11, operation: 'push', start: 1 })
    await start(job.id, 'two')
    expect(revoked).toEqual(['ghs_1', 'ghs_2'])
    await ask(jobPath(job.id, 'token'), { repositoryId: 12, operation: 'push', start: 2 })
    await start(job.id, 'two')
    expect(revoked).toEqual(['ghs_1', 'ghs_2', 'ghs_3'])
  })

  test('a token is ended after its operation, whichever start had it; what is left of them ends with the job', async () => {
    const job = await aJob()
    await start(job.id)
    minted = []
    revoked = []
    for (const operation of ['fetch', 'push', 'push'])
      expect((await ask(jobPath(job.id, 'token'), { repositoryId: 11, operation, start: 1 })).status).toBe(200)
    const used = (token: string) => ask(jobPath(job.id, 'token-end'), { token })
    expect((await used('ghs_1')).status).toBe(204)
    expect(revoked).toEqual(['ghs_1'])
    // Another process of the app gave this one.
    expect((await used('ghs_of_another_process')).status).toBe(204)
    expect((await used('two\nlines')).status).toBe(400)
    expect((await ask(jobPath('nobody-code-1', 'token-end'), { token: 'ghs_2' })).status).toBe(404)
    expect((await ask(jobPath(job.id, 'result'), { start: 1, result: noop() })).status).toBe(204)
    expect(revoked).toEqual(['ghs_1', 'ghs_of_another_process', 'ghs_2', 'ghs_3'])
    expect((await used('ghs_3')).status).toBe(204)
  })

  test('[JOB-11] a start that is not the current one is told so at once', async () => {
    const job = await aJob()
    await start(job.id)
    const progress = { start: 1, progress: { phase: 'agent', usage: {} }, log: [] }
    await start(job.id, 'two')
    const anew = { cancel: 'the job was started anew', keep: false, lost: true }
    expect((await ask(jobPath(job.id, 'progress'), progress)).body).toEqual(anew)
    const headers = { authorization: `Bearer ${SECRET}` }
    const poll = await api.request(`${jobPath(job.id, 'control')}?start=1`.replace('/internal', ''), { headers })
    expect(await poll.json()).toEqual(anew)
  })

  test('gives a token for a repository of the job only, for pushing only where it may write, to its current start only', async () => {
    const job = await aJob()
    await start(job.id)
    minted = []
    const token = (repositoryId: number, operation: string, of = 1) =>
      ask(jobPath(job.id, 'token'), { repositoryId, operation, start: of })
    expect((await token(11, 'fetch')).status).toBe(200)
    expect((await token(12, 'push')).status).toBe(200)
    expect((await token(13, 'push')).status).toBe(403)
    expect((await token(99, 'fetch')).status).toBe(403)
    await start(job.id, 'two')
    expect((await token(11, 'push', 1)).status).toBe(409)
    expect((await token(11, 'push', 2)).status).toBe(200)
    expect(minted).toEqual(['fetch 11', 'push 12', 'push 11'])
  })

  test("passes on GitHub's refusal as a refusal, so that the runner does not ask again and again", async () => {
    const job = await aJob()
    await start(job.id)
    expect(await ask(jobPath(job.id, 'token'), { repositoryId: 13, operation: 'fetch', start: 1 })).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('acme/docs') },
    })
  })

  test('takes a result once, with the run that it moves; a repeat is fine, that of an older start is not', async () => {
    const job = await aJob()
    await start(job.id)
    await start(job.id, 'two')
    const result = noop()
    expect((await ask(jobPath(job.id, 'result'), { start: 1, result })).status).toBe(409)
    expect((await ask(jobPath(job.id, 'result'), { start: 2, result })).status).toBe(204)
    expect((await getRun(store.db, job.run))?.status.state).toBe('done')
    expect((await ask(jobPath(job.id, 'result'), { start: 2, result })).status).toBe(204)
    expect((await start(job.id)).body).toEqual({ go: false, why: 'over' })
  })

  test('tells a runner that its job is to end, in answer to its progress', async () => {
    const job = await aJob()
    await start(job.id)
    const progress = { start: 1, progress: { phase: 'agent', usage: {} }, log: [] }
    expect((await ask(jobPath(job.id, 'progress'), progress)).body).toEqual({ cancel: null, keep: false, lost: false })
    await requestCancel(store.db, job.id, { why: 'stopped by alice', keep: false })
    expect((await ask(jobPath(job.id, 'progress'), progress)).body).toEqual({
      cancel: 'stopped by alice',
      keep: false,
      lost: false,
    })
  })

  describe('[RUN-6] a job of a paused run', () => {
    const token = (job: JobSpec, operation: string, of = 1) =>
      ask(jobPath(job.id, 'token'), { repositoryId: 12, operation, start: of })
    const by = { actor: ALICE, trigger: comment() }

    async function aPausedJob(keep = true): Promise<JobSpec> {
      const job = await aJob()
      await start(job.id)
      await engine.apply(job.run, 'pause', { type: 'command.pause', why: '', cause: 'person', ...by })
      await requestCancel(store.db, job.id, { why: 'paused by alice', keep })
      return job
    }

    test('is told to keep its work, and gets a token to push it and for nothing else', async () => {
      const job = await aPausedJob()
      const progress = { start: 1, progress: { phase: 'agent', usage: {} }, log: [] }
      expect((await ask(jobPath(job.id, 'progress'), progress)).body).toEqual({
        cancel: 'paused by alice',
        keep: true,
        lost: false,
      })
      expect((await token(job, 'push')).status).toBe(200)
      expect((await token(job, 'fetch')).status).toBe(409)
      expect((await token(job, 'push', 2)).status).toBe(409)
    })

    test('gets none without being told to keep it', async () => {
      expect((await token(await aPausedJob(false), 'push')).status).toBe(409)
    })

    test('gets none once the run goes on with another job, is stopped, or has its result', async () => {
      const resumed = await aPausedJob()
      await engine.apply(resumed.run, 'resume', { type: 'command.resume', ...by })
      expect((await token(resumed, 'push')).status).toBe(409)

      const stopped = await aPausedJob()
      await engine.apply(stopped.run, 'stop', { type: 'command.stop', why: '', ...by })
      expect((await token(stopped, 'push')).status).toBe(409)

      const over = await aPausedJob()
      expect((await ask(jobPath(over.id, 'result'), { start: 1, result: noop() })).status).toBe(204)
      expect((await token(over, 'push')).status).toBe(409)
    })
  })
})

describe('[SPD-1] calls of models', () => {
  const asked = { vendor: 'anthropic', requestBytes: 3_000, maxOutputTokens: 1_000 } as const
  const token = (job: JobSpec, operation: string) => ask(jobPath(job.id, 'token'), { repositoryId: 12, operation, start: 1 })
  const call = (job: string, model: string, start = 1) => ask(jobPath(job, 'model-call'), { ...asked, model, start })

  test('are written down before they are made, and with what they used afterwards, once', async () => {
    const job = await aJob()
    await start(job.id)
    const granted = await call(job.id, 'claude-sonnet-4-5')
    expect(granted.body).toMatchObject({ ok: true, price: { input: 3, output: 15 } })
    expect((granted.body as { limitUsd: number }).limitUsd).toBeCloseTo(0.0225, 9)
    const id = (granted.body as { call: string }).call
    const end = { start: 1, call: id, usage: { inputTokens: 1_000, outputTokens: 100, cacheReadTokens: 500 }, outcome: 'done' }
    for (const usage of [end.usage, { inputTokens: 9_999_999 }])
      expect((await ask(jobPath(job.id, 'model-call-end'), { ...end, usage })).status).toBe(204)
    const unmetered = await call(job.id, 'a-model-of-our-own')
    expect(unmetered.body).toMatchObject({ ok: true, price: null })
    const one = { step: 'code', role: job.role, calls: 1, open: 0, unmetered: 0, estimated: 0 }
    expect(await spentByRun(store.db, job.run)).toEqual([
      { ...one, model: 'a-model-of-our-own', open: 1, unmetered: 1, usage: {}, costUsd: null },
      { ...one, model: 'claude-sonnet-4-5', usage: end.usage, costUsd: expect.closeTo(0.00465, 9) },
    ])
  })

  test('cost the store two statements before and two afterwards, none of them in a transaction that others wait for', async () => {
    const job = await aJob()
    await start(job.id)
    // The first one makes the accounts.
    await call(job.id, 'gpt-5')
    if (store.kind !== 'pglite') throw new Error('these tests are on PGlite')
    const [statements, transactions] = [vi.spyOn(store.raw, 'query'), vi.spyOn(store.raw, 'transaction')]
    const { call: id } = (await call(job.id, 'gpt-5')).body as { call: string }
    expect(statements).toHaveBeenCalledTimes(2)
    await ask(jobPath(job.id, 'model-call-end'), { start: 1, call: id, usage: { inputTokens: 1 }, outcome: 'done' })
    expect(statements).toHaveBeenCalledTimes(4)
    expect(transactions).not.toHaveBeenCalled()
    vi.restoreAllMocks()
  })

  test('are refused for a start that is not the current one, for a job that shall stop, and for one that never began', async () => {
    const job = await aJob()
    const stale = { ok: false, why: 'stale', message: expect.any(String) }
    expect((await call(job.id, 'gpt-5')).body).toEqual(stale)
    await start(job.id)
    await start(job.id, 'two')
    expect((await call(job.id, 'gpt-5', 1)).body).toEqual(stale)
    expect((await call(job.id, 'gpt-5', 2)).body).toMatchObject({ ok: true })
    await requestCancel(store.db, job.id, { why: 'stopped', keep: false })
    expect((await call(job.id, 'gpt-5', 2)).body).toEqual(stale)
    expect((await call('nobody-code-1', 'gpt-5')).body).toEqual(stale)
  })

  test('are for the models that the repository lets be asked for, whatever a role names', async () => {
    const job = await aJob({ models: ['claude-haiku-4-5'] })
    await start(job.id)
    expect((await call(job.id, 'claude-sonnet-4-5')).body).toEqual({
      ok: false,
      why: 'model',
      message:
        'This repository lets only claude-haiku-4-5 be asked for (models in .github/switchyard.yml), and "claude-sonnet-4-5" is none of these. Set one of them with roles.<role>.runtime.model, or add it.',
    })
    expect((await call(job.id, 'claude-haiku-4-5-20251001')).body).toMatchObject({ ok: true })
    expect((await getRun(store.db, job.run))?.status.state).toBe('active')
  })

  test('[SPD-2] past the budget are refused, the run is held, and what was done may still be pushed', async () => {
    const job = await aJob({ budgets: { run: 0.03 } })
    await start(job.id)
    const { call: id } = (await call(job.id, 'claude-sonnet-4-5')).body as { call: string }
    const usage = { inputTokens: 100, outputTokens: 1_700 }
    await ask(jobPath(job.id, 'model-call-end'), { start: 1, call: id, usage, outcome: 'done' })
    expect((await getRun(store.db, job.run))?.budget?.near).toMatchObject({ scope: 'run', limitUsd: 0.03 })
    expect((await call(job.id, 'claude-sonnet-4-5')).body).toMatchObject({
      ok: false,
      why: 'budget',
      message: 'The budget of this run is used up: $0.03 of $0.03, and the next call may cost $0.02.',
    })
    expect((await getRun(store.db, job.run))?.status).toMatchObject({ state: 'paused', cause: 'budget' })
    // The agent's program may end at the refusal, before its runner hears that it is to stop.
    expect((await token(job, 'push')).status).toBe(200)
    expect((await token(job, 'fetch')).status).toBe(409)
    expect((await call(job.id, 'claude-sonnet-4-5')).body).toMatchObject({ why: 'stale' })
  })

  test('of another job cannot be ended by this one', async () => {
    const [mine, other] = [await aJob(), await aJob()]
    await start(mine.id)
    await start(other.id)
    const { call: id } = (await call(other.id, 'gpt-5')).body as { call: string }
    await ask(jobPath(mine.id, 'model-call-end'), { start: 1, call: id, usage: { inputTokens: 1 }, outcome: 'done' })
    expect(await spentByRun(store.db, other.run)).toMatchObject([{ calls: 1, open: 1, costUsd: null }])
  })
})
