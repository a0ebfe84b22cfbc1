import pino from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { someSpec } from '../../test/conformance/fixtures.ts'
import { aRun } from '../../test/support/core/build.ts'
import { type JobId, RunId } from '../contract/ids.ts'
import { createEngine } from '../engine/engine.ts'
import { closeJob, getJob, insertJob, startJob } from './jobs.ts'
import { openStore } from './open-store.ts'
import type { Store } from './store.ts'

let store: Store
let number = 0
beforeAll(async () => {
  store = await openStore({ log: pino({ level: 'silent' }) })
})
afterAll(() => store.close())

/** A job of a new run of this repository. */
async function jobOf(repositoryId: number): Promise<JobId> {
  number += 1
  const nothing = async () => undefined
  const queue = { addEffects: nothing, addTimers: nothing, nudgeAdmission: nothing }
  const engine = createEngine({ store, queue, now: Date.now, log: pino({ level: 'silent' }), showDelayMs: 0 })
  const id = RunId.parse(`turn${number}`)
  await engine.create(aRun({ id, task: { repositoryId, number } }), { priority: false, text: '' })
  const spec = someSpec(id)
  await insertJob(store.db, spec)
  return spec.id
}
const turn = async (job: JobId) => (await getJob(store.db, job))?.turn

test('[RUN-3] a repository with a long queue is taken from in turn with the others, and nobody is overtaken for ever', async () => {
  const busy = await Promise.all([jobOf(1)])
  for (let more = 0; more < 3; more += 1) busy.push(await jobOf(1))
  expect(await Promise.all(busy.map(turn))).toEqual([1, 2, 3, 4])
  const other = await jobOf(2)
  expect(await turn(other)).toBe(1)

  for (const job of busy.slice(0, 3)) await startJob(store.db, job, 'one')
  const late = await jobOf(3)
  expect(await turn(late), 'not before what is worked on').toBe(3)
  expect(await turn(await jobOf(3))).toBe(4)

  for (const job of busy) await closeJob(store.db, job, 'over')
  expect(await turn(await jobOf(1)), 'what is over counts for nothing').toBe(1)
})
