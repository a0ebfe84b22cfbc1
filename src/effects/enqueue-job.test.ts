import pino from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aRun, aStep } from '../../test/support/core/build.ts'
import { worked } from '../../test/support/core/results.ts'
import type { JobSpec } from '../contract/job.ts'
import { createEngine } from '../engine/engine.ts'
import { decide } from '../pipeline/decide.ts'
import type { EffectOf } from '../pipeline/effects.ts'
import type { Run } from '../pipeline/model.ts'
import { loadRoles } from '../roles/load-roles.ts'
import { startJob, storeResult } from '../store/jobs.ts'
import { openStore } from '../store/open-store.ts'
import type { Store } from '../store/store.ts'
import { enqueueJob, SESSION_MAX_AGE_MS } from './enqueue-job.ts'

const log = pino({ level: 'silent' })
const ENDED = 1_000_000
const nothing = async () => undefined

let store: Store
let count = 0
beforeAll(async () => {
  store = await openStore({ log })
})
afterAll(() => store.close())

/** A run whose first job is over, with a session; gives the job that is enqueued for a second effect. */
async function secondJob(change: Partial<EffectOf<'enqueue-job'>> = {}, laterMs = 1_000): Promise<JobSpec> {
  count += 1
  const base = aRun({ id: `run${count}`, steps: [aStep('agent', 'code')] })
  const run: Run = { ...base, task: { ...base.task, number: count } }
  const queue = { addEffects: nothing, addTimers: nothing, nudgeAdmission: nothing }
  await createEngine({ store, queue, now: () => ENDED, log, showDelayMs: 0 }).create(run, { priority: false, text: '' })
  const { run: admitted, effects } = decide(run, { type: 'run.admitted' }, ENDED)
  const first = effects.find((effect) => effect.kind === 'enqueue-job')
  if (first === undefined) throw new Error('no job was asked for')
  const added: JobSpec[] = []
  let now = ENDED
  const handler = enqueueJob({
    store,
    addJob: async (spec) => {
      added.push(spec)
    },
    roles: await loadRoles(),
    allowedHosts: ['github.com'],
    author: { name: 'Switchyard', email: 'bot@example.com' },
    makeNonce: () => 'n'.repeat(32),
    now: () => now,
  })
  await handler(first, admitted)
  const started = await startJob(store.db, first.job, 'one', ENDED)
  if (started === null) throw new Error('not started')
  const result = { ...worked(), session: 'session-1' }
  await store.db.transaction((tx) => storeResult(tx, first.job, started.start, result, ENDED))
  now = ENDED + laterMs
  const job = first.job.replace(/1$/, '2') as typeof first.job
  await handler({ ...first, id: `${job}-enqueue`, job, epoch: 2, ...change }, admitted)
  const [, second] = added
  if (second === undefined) throw new Error('nothing was added')
  return second
}

test('[AGT-6] rework goes on in the session of the job before, in the same role', async () => {
  expect((await secondJob()).resume).toEqual({ job: `run${count}-code-1`, session: 'session-1' })
})

test.each([
  ['where a fresh one is asked for', { session: 'fresh' as const }, 1_000],
  ['in another role', { role: 'fixer' }, 1_000],
  ['after two hours', {}, SESSION_MAX_AGE_MS + 1],
])('[AGT-6] no session is gone on with %s', async (_when, change, laterMs) => {
  expect(await secondJob(change, laterMs)).not.toHaveProperty('resume')
})

test('[STP-18] what a job is for reaches its prompt', async () => {
  expect((await secondJob({ assignment: 'Only the API.' })).prompt).toContain('# Your assignment')
})
