import { pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { document, githubId, instant, prose } from './columns.ts'

/** What GitHub confirmed that it shows of a run: its status comment, check runs, label. */
export const projections = pgTable(
  'projections',
  {
    runId: text('run_id').notNull(),
    key: text().notNull(),
    externalId: text('external_id'),
    digest: text().notNull(),
    at: instant('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.runId, t.key] })],
)

/** Triggers that were taken: a command by its comment's id and its place there, a checkbox. */
export const takenTriggers = pgTable('taken_triggers', { key: text().primaryKey(), at: instant('at').notNull() })

/** A repository's configuration as last read, and the last one that was good. */
export const configurations = pgTable('configurations', {
  repositoryId: githubId('repository_id').primaryKey(),
  sha: text(),
  source: prose(),
  good: document(),
  errors: document(),
  at: instant('at').notNull(),
})

/** Installations that GitHub wants to be left alone by for a while, by its rate limits. */
export const githubBlocks = pgTable('github_blocks', {
  installationId: githubId('installation_id').primaryKey(),
  since: instant('since').notNull(),
  until: instant('until').notNull(),
})
