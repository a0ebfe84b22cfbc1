import { sql } from 'drizzle-orm'
import { boolean, doublePrecision, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { document, instant } from './columns.ts'

/** The ledger: one row for each call of a model that costs money, written before it is made. */
export const modelCalls = pgTable(
  'model_calls',
  {
    id: text().primaryKey(),
    jobId: text('job_id').notNull(),
    start: integer().notNull(),
    runId: text('run_id').notNull(),
    step: text().notNull(),
    role: text().notNull(),
    vendor: text({ enum: ['anthropic', 'openai', 'google'] }).notNull(),
    model: text().notNull(),
    state: text({ enum: ['open', 'done', 'failed', 'cut', 'gone'] })
      .notNull()
      .default('open'),
    /** What is kept free for it while it is open, in USD; null where the model is not metered. */
    reservedUsd: doublePrecision('reserved_usd'),
    /** What it cost, in USD; null while it is open, and where the model is not metered. */
    costUsd: doublePrecision('cost_usd'),
    /** Nobody told what it used, or not all of it: the cost is the most that it can have been. */
    estimated: boolean().notNull().default(false),
    /** The accounts that it is paid from, as they were when it was opened. */
    accounts: document().notNull().default([]),
    inputTokens: integer('input_tokens'),
    outputTokens: integer('output_tokens'),
    cacheReadTokens: integer('cache_read_tokens'),
    cacheWriteTokens: integer('cache_write_tokens'),
    startedAt: instant('started_at').notNull(),
    endedAt: instant('ended_at'),
  },
  (t) => [
    index('model_calls_by_run').on(t.runId, t.startedAt),
    index('model_calls_of_job').on(t.jobId),
    index('model_calls_open').on(t.startedAt).where(sql`${t.state} = 'open'`),
  ],
)

/**
 * What has been spent, by what budgets are set for: the sums of the ledger, kept so that a check reads one row for each
 * budget, and so that check and charge can be one act. `period` is a month (`2026-01`), or empty where a budget knows none.
 */
export const spent = pgTable(
  'spent',
  {
    scope: text().notNull(),
    subject: text().notNull(),
    period: text().notNull(),
    /** Kept free for calls that are under way, in USD. */
    reservedUsd: doublePrecision('reserved_usd').notNull(),
    spentUsd: doublePrecision('spent_usd').notNull(),
  },
  (t) => [primaryKey({ columns: [t.scope, t.subject, t.period] })],
)
