/** A job at work whose calls of models are paid for: run, job and books in a store, and the app's internal API over them. */
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { jobPath } from '../../../src/contract/api.ts'
import { admit } from '../../../src/engine/admission.ts'
import { createEngine } from '../../../src/engine/engine.ts'
import { createSpending } from '../../../src/gateway/spending.ts'
import { buildJobSpec } from '../../../src/roles/job-spec.ts'
import { loadRoles } from '../../../src/roles/load-roles.ts'
import { insertJob } from '../../../src/store/jobs.ts'
import { getEffect } from '../../../src/store/outbox.ts'
import { getRun } from '../../../src/store/runs.ts'
import type { Store } from '../../../src/store/store.ts'
import { internalApi } from '../../../src/web/internal/api.ts'
import { createJobTokens } from '../../../src/web/internal/job-tokens.ts'
import { log } from '../../conformance/combinations.ts'
import { CEILINGS } from '../../support/ceilings.ts'
import { aRun, aStep } from '../../support/core/build.ts'

const SECRET = 'a secret of the bench'
const ROOM = { deployment: 1, installation: 1, repository: 1, person: 1 }
const nothing = async () => undefined

export interface PayingJob {
  id: string
  start: number
  appUrl: string
  secret: string
  close(): Promise<void>
}

/** Its run has budgets, as each has: the deployment's, for a job and for a run. */
export async function openPayingJob(store: Store): Promise<PayingJob> {
  const queue = { addEffects: nothing, addTimers: nothing, nudgeAdmission: nothing }
  const engine = createEngine({ store, queue, now: Date.now, log, showDelayMs: 0 })
  const id = await insertedJob(store, engine)
  const api = internalApi({
    store,
    engine,
    secret: SECRET,
    log,
    mintToken: async () => {
      throw new Error('no token is asked for')
    },
    jobTokens: createJobTokens(nothing, log, Date.now),
    spending: createSpending({ db: store.db, prices: [], unpriced: 'refuse', ceilings: CEILINGS, now: Date.now }),
  })
  const web = new Hono().route('/internal', api)
  const server = serve({ fetch: web.fetch, port: 0, hostname: '127.0.0.1' })
  await new Promise<void>((resolve) => server.once('listening', resolve))
  const address = server.address()
  const appUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  const headers = { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' }
  const asked = { method: 'POST', headers, body: JSON.stringify({ runner: 'bench' }) }
  const started = await fetch(appUrl + jobPath(id, 'start'), asked)
  if (!started.ok) throw new Error(`the job did not start: ${await started.text()}`)
  return {
    id,
    start: 1,
    appUrl,
    secret: SECRET,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** A run whose code job waits for a runner. */
async function insertedJob(store: Store, engine: ReturnType<typeof createEngine>): Promise<string> {
  const run = aRun({ id: 'bench', steps: [aStep('agent', 'code')] })
  await engine.create(run, { priority: false, text: '' })
  await admit(store, engine, ROOM)
  const [admitted, stored] = await Promise.all([getRun(store.db, run.id), getEffect(store.db, `${run.id}-code-1-enqueue`)])
  if (admitted === null || stored?.effect.kind !== 'enqueue-job') throw new Error('the job was not asked for')
  const author = { name: 'Switchyard', email: 'bot@example.com' }
  const given = { roles: await loadRoles(), nonce: 'n'.repeat(32), allowedHosts: ['github.com'], author }
  const spec = buildJobSpec({ run: admitted, effect: stored.effect, ...given })
  await insertJob(store.db, spec)
  return spec.id
}
