import { sql } from 'drizzle-orm'
import { doublePrecision, index, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { instant } from './columns.ts'

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
    /** What it cost, in USD; null while it is open, and where the model is not metered or the usage is not known. */
    costUsd: doublePrecision('cost_usd'),
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
