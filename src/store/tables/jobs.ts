import { sql } from 'drizzle-orm'
import { bigserial, boolean, index, integer, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { document, instant, prose } from './columns.ts'

/** Agent jobs: what was asked, who does it, what came back. */
export const jobs = pgTable(
  'jobs',
  {
    id: text().primaryKey(),
    runId: text('run_id').notNull(),
    step: text().notNull(),
    epoch: integer().notNull(),
    state: text({ enum: ['queued', 'running', 'over', 'cancelled'] })
      .notNull()
      .default('queued'),
    spec: document().notNull(),
    runner: text(),
    start: integer().notNull().default(0),
    handBacks: integer('hand_backs').notNull().default(0),
    turn: integer().notNull().default(1),
    heartbeatAt: instant('heartbeat_at'),
    progress: document(),
    result: document(),
    cancel: prose(),
    /** Of a job that shall be cancelled: whether what it has done is pushed first. */
    cancelKeep: boolean('cancel_keep').notNull().default(false),
    createdAt: instant('created_at').notNull(),
    startedAt: instant('started_at'),
    endedAt: instant('ended_at'),
  },
  (t) => [
    index('jobs_by_run').on(t.runId, t.createdAt),
    index('jobs_queued').on(t.createdAt, t.id).where(sql`${t.state} = 'queued'`),
    index('jobs_ended').on(t.endedAt).where(sql`${t.endedAt} is not null`),
    index('jobs_running').on(t.heartbeatAt).where(sql`${t.state} = 'running'`),
  ],
)

/** The agent's log, for the dashboard. `position` orders the lines over all starts of a job. */
export const agentLog = pgTable(
  'agent_log',
  {
    position: bigserial({ mode: 'number' }).primaryKey(),
    jobId: text('job_id').notNull(),
    start: integer().notNull(),
    seq: integer().notNull(),
    at: instant('at').notNull(),
    kind: text({ enum: ['text', 'tool', 'result', 'error', 'runner'] }).notNull(),
    text: prose().notNull(),
  },
  (t) => [uniqueIndex('agent_log_once').on(t.jobId, t.start, t.seq), index('agent_log_in_order').on(t.jobId, t.position)],
)

/** Runners that have been heard of. */
export const runners = pgTable('runners', {
  id: text().primaryKey(),
  version: text().notNull(),
  concurrency: integer().notNull(),
  active: document().notNull(),
  runtimes: document().notNull(),
  sandbox: document(),
  seenAt: instant('seen_at').notNull(),
})
