import { sql } from 'drizzle-orm'
import type { Store } from '../../../src/store/store.ts'

/** Rows of history, of effects and of events that each past run left. */
const LEFT_BY_RUN = 6
/** Runs that one statement writes. */
const AT_ONCE = 10_000

/** Writes runs that are over, with all they leave behind, each a copy of the run `template`. */
export async function writePastRuns({ db }: Store, template: string, count: number): Promise<void> {
  for (let from = 1; from <= count; from += AT_ONCE) {
    const numbers = sql`generate_series(${from}::int, ${Math.min(count, from + AT_ONCE - 1)}::int) n`
    const each = sql`${numbers}, generate_series(1, ${LEFT_BY_RUN}::int) i`
    await db.execute(sql`
      insert into runs select 'past' || n, installation_id, 1000 + n % 500, repository, thread, n, 'merged', false, requester_id,
        requester, title, pipeline, false, 40, data, 1000 + n, 1000 + n, 1000 + n, 2000 + n
      from runs, ${numbers} where id = ${template}`)
    await db.execute(sql`
      insert into run_legs select 'past' || n, leg, 1000 + n % 500, 'switchyard/' || n, md5(n::text), n, false
      from ${numbers}, unnest(array['acme__web', 'acme__api']) leg`)
    await db.execute(sql`
      insert into history (run_id, version, at, what, who, text)
      select 'past' || n, i, 1000 + n, 'step.entered', 'switchyard', 'began' from ${each}`)
    await db.execute(sql`
      insert into outbox (id, run_id, kind, data, state, created_at, enqueued_at, done_at)
      select 'past' || n || '-' || i || '-show', 'past' || n, 'show', '{"kind": "show"}', 'done', 1000 + n, 1000 + n, 1000 + n
      from ${each}`)
    await db.execute(sql`insert into applied_events select 'past' || n, 'event-' || i, 1000 + n from ${each}`)
    await db.execute(sql`insert into timers select 'past' || n, 'plan-1-escalate', 1000 + n, 1000 + n from ${numbers}`)
  }
  await db.execute(sql`vacuum analyze`)
}
