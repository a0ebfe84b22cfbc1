import { sql } from 'drizzle-orm'
import { index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { githubId, instant, prose } from './columns.ts'

/** The schedules of the configurations: when each comes next. */
export const schedules = pgTable(
  'schedules',
  {
    repositoryId: githubId('repository_id').notNull(),
    name: text().notNull(),
    installationId: githubId('installation_id').notNull(),
    repository: text().notNull(),
    cron: text().notNull(),
    timeZone: text('time_zone').notNull(),
    pipeline: text().notNull(),
    /** Null: never again. */
    nextAt: instant('next_at'),
  },
  (t) => [primaryKey({ columns: [t.repositoryId, t.name] }), index('schedules_due').on(t.nextAt)],
)

/** Every time that a schedule came, and what became of it. */
export const scheduleFires = pgTable(
  'schedule_fires',
  {
    repositoryId: githubId('repository_id').notNull(),
    name: text().notNull(),
    dueAt: instant('due_at').notNull(),
    state: text({ enum: ['due', 'started', 'skipped', 'refused', 'failed'] })
      .notNull()
      .default('due'),
    issue: integer(),
    runId: text('run_id'),
    /** Why it was not started, for people; empty where there is nothing to say. */
    why: prose().notNull().default(''),
    endedAt: instant('ended_at'),
  },
  (t) => [
    primaryKey({ columns: [t.repositoryId, t.name, t.dueAt] }),
    index('schedule_fires_open').on(t.dueAt).where(sql`${t.state} = 'due'`),
    index('schedule_fires_newest').on(t.dueAt),
  ],
)
