import { bigserial, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { instant, prose } from './columns.ts'

/** What happened to a run, in order, as facts for people. */
export const history = pgTable(
  'history',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    runId: text('run_id').notNull(),
    version: integer().notNull(),
    at: instant('at').notNull(),
    what: text().notNull(),
    step: text(),
    who: prose().notNull(),
    text: prose().notNull(),
  },
  (t) => [index('history_by_run').on(t.runId, t.id)],
)

/** Events that a run has had already: a repeated one changes nothing. */
export const appliedEvents = pgTable(
  'applied_events',
  { runId: text('run_id').notNull(), key: text().notNull(), at: instant('at').notNull() },
  (t) => [primaryKey({ columns: [t.runId, t.key] })],
)
