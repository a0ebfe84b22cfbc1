import { doublePrecision, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { document, instant, prose } from './columns.ts'

/** Scripts of dynamic workflows as runs were started with them, by the hash of their text. */
export const workflowScripts = pgTable('workflow_scripts', {
  hash: text().primaryKey(),
  source: prose().notNull(),
  at: instant('at').notNull(),
})

/**
 * The journal of a workflow (WF-3): every call that its script made. `after` and `position` count what the script had been
 * told when it made the call, and when it was told of this one; between them they say what could depend on what.
 */
export const workflowCalls = pgTable(
  'workflow_calls',
  {
    runId: text('run_id').notNull(),
    step: text().notNull(),
    journal: integer().notNull(),
    index: integer().notNull(),
    identity: text().notNull(),
    kind: text({ enum: ['agent', 'checkpoint', 'collect'] }).notNull(),
    phase: prose(),
    label: prose().notNull(),
    prompt: prose().notNull(),
    options: document().notNull(),
    after: integer().notNull(),
    state: text({ enum: ['asked', 'done', 'failed'] })
      .notNull()
      .default('asked'),
    /** The newest job that works, or worked, for it. */
    job: text(),
    position: integer(),
    result: document(),
    why: prose(),
    /** What the script was told of the money with it. */
    budget: document(),
    /** Branches of its own that it left, with their heads. */
    branches: document(),
    costUsd: doublePrecision('cost_usd'),
    askedAt: instant('asked_at').notNull(),
    endedAt: instant('ended_at'),
  },
  (t) => [
    primaryKey({ columns: [t.runId, t.step, t.journal, t.index] }),
    // The last place, and what was settled after one, are asked for with every call that ends.
    index('workflow_calls_by_position').on(t.runId, t.step, t.journal, t.position),
  ],
)
