import { sql } from 'drizzle-orm'
import { boolean, index, integer, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { SHOWN_STATES } from '../../pipeline/state.ts'
import { document, githubId, instant, prose } from './columns.ts'

/**
 * One task on its way through a pipeline. `data` is the whole run; the other columns are copies of what is searched.
 * Indexes over live runs are partial: their size, and so the cost of a decision, does not grow with past runs. The
 * others are ascending and read backwards: Postgres uses no `DESC NULLS LAST` index for a plain `ORDER BY … DESC`.
 */
export const runs = pgTable(
  'runs',
  {
    id: text().primaryKey(),
    installationId: githubId('installation_id').notNull(),
    repositoryId: githubId('repository_id').notNull(),
    repository: text().notNull(),
    thread: text({ enum: ['issue', 'pull'] }).notNull(),
    number: integer().notNull(),
    state: text({ enum: SHOWN_STATES }).notNull(),
    live: boolean().notNull(),
    requesterId: githubId('requester_id').notNull(),
    requester: text().notNull(),
    title: prose().notNull(),
    pipeline: text().notNull(),
    priority: boolean().notNull().default(false),
    version: integer().notNull(),
    data: document().notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    admittedAt: instant('admitted_at'),
    endedAt: instant('ended_at'),
  },
  (t) => [
    uniqueIndex('runs_one_live_per_issue').on(t.repositoryId, t.number).where(sql`${t.live}`),
    index('runs_queued')
      .on(t.priority.desc().nullsFirst(), t.createdAt, t.id)
      .where(sql`${t.live} and ${t.admittedAt} is null`),
    index('runs_live').on(t.id).where(sql`${t.live}`),
    index('runs_by_issue').on(t.repositoryId, t.number, t.createdAt),
    index('runs_newest').on(t.createdAt, t.id),
    index('runs_by_state').on(t.state, t.createdAt, t.id),
  ],
)

/** Finds the run that a webhook about a branch, a head or a pull request belongs to. */
export const runLegs = pgTable(
  'run_legs',
  {
    runId: text('run_id').notNull(),
    key: text().notNull(),
    repositoryId: githubId('repository_id').notNull(),
    workBranch: text('work_branch').notNull(),
    head: text(),
    pullNumber: integer('pull_number'),
    live: boolean().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.runId, t.key] }),
    index('run_legs_by_head').on(t.repositoryId, t.head).where(sql`${t.live}`),
    index('run_legs_by_pull').on(t.repositoryId, t.pullNumber).where(sql`${t.live}`),
    index('run_legs_by_branch').on(t.repositoryId, t.workBranch).where(sql`${t.live}`),
  ],
)
