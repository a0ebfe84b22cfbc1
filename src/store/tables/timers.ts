import { sql } from 'drizzle-orm'
import { index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { instant } from './columns.ts'

/** Timers of runs. The queue's delayed job only wakes us; this row is what counts. */
export const timers = pgTable(
  'timers',
  {
    runId: text('run_id').notNull(),
    id: text().notNull(),
    dueAt: instant('due_at').notNull(),
    firedAt: instant('fired_at'),
  },
  (t) => [primaryKey({ columns: [t.runId, t.id] }), index('timers_due').on(t.dueAt).where(sql`${t.firedAt} is null`)],
)
