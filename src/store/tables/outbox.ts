import { sql } from 'drizzle-orm'
import { bigserial, index, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { document, instant, prose } from './columns.ts'

/** Effects decided and not carried out yet; committed together with the run they belong to. */
export const outbox = pgTable(
  'outbox',
  {
    id: text().primaryKey(),
    runId: text('run_id').notNull(),
    kind: text().notNull(),
    data: document().notNull(),
    state: text({ enum: ['committed', 'enqueued', 'done', 'failed'] })
      .notNull()
      .default('committed'),
    attempts: integer().notNull().default(0),
    error: prose(),
    createdAt: instant('created_at').notNull(),
    enqueuedAt: instant('enqueued_at'),
    doneAt: instant('done_at'),
    /** Orders effects that were written in the same millisecond. */
    position: bigserial({ mode: 'number' }).notNull(),
  },
  (t) => [
    index('outbox_committed').on(t.createdAt).where(sql`${t.state} = 'committed'`),
    index('outbox_enqueued').on(t.enqueuedAt).where(sql`${t.state} = 'enqueued'`),
    index('outbox_pending_by_run').on(t.runId).where(sql`${t.state} in ('committed', 'enqueued')`),
  ],
)
