import { sql } from 'drizzle-orm'
import pino from 'pino'
import { createEngine } from '../../src/engine/engine.ts'
import type { Store } from '../../src/store/store.ts'
import { someSpec } from '../conformance/fixtures.ts'
import { startRun } from './events/cycle.ts'

/** Writes runs that are live: each waits for a job that a runner has, and has a timer set. */
export async function writeLiveRuns(store: Store, count: number): Promise<void> {
  const queue = { addEffects: async () => undefined, addTimers: async () => undefined, nudgeAdmission: async () => undefined }
  const engine = createEngine({ store, queue, now: Date.now, log: pino({ level: 'silent' }), showDelayMs: 0 })
  const { id } = await startRun(engine, count + 1)
  const spec = JSON.stringify(someSpec(id))
  const { db } = store
  const now = Date.now()
  // What the app would do first is to carry out the effects; here they count as done.
  await db.execute(sql`update outbox set state = 'done', done_at = ${now}`)
  await db.execute(sql`
    insert into runs select 'live' || n, installation_id, repository_id, repository, thread, n, state, true, requester_id,
      requester, title, pipeline, false, version, data || jsonb_build_object('id', 'live' || n), created_at, updated_at, ${now}, null
    from runs, generate_series(1, ${count}::int) n where id = ${id}`)
  await db.execute(sql`
    insert into jobs (id, run_id, step, epoch, state, spec, runner, start, heartbeat_at, created_at, started_at)
    select 'live' || n || '-plan-1', 'live' || n, 'plan', 1, 'running', ${spec}::jsonb, 'bench', 1, ${now}, ${now}, ${now}
    from generate_series(1, ${count}::int) n`)
  await db.execute(sql`
    insert into timers select 'live' || n, 'plan-1-escalate', ${now + 7_200_000}, null from generate_series(1, ${count}::int) n`)
}
