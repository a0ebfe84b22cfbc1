import { sql } from 'drizzle-orm'
import { index, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { document, githubId, instant, prose } from './columns.ts'

/** One webhook as GitHub sent it, stored once by its `X-GitHub-Delivery` id. */
export const deliveries = pgTable(
  'deliveries',
  {
    id: text().primaryKey(),
    event: text().notNull(),
    action: text(),
    installationId: githubId('installation_id'),
    repositoryId: githubId('repository_id'),
    payload: document().notNull(),
    receivedAt: instant('received_at').notNull(),
    state: text({ enum: ['stored', 'done', 'ignored', 'failed'] })
      .notNull()
      .default('stored'),
    attempts: integer().notNull().default(0),
    error: prose(),
    processedAt: instant('processed_at'),
  },
  (t) => [
    index('deliveries_unprocessed').on(t.receivedAt).where(sql`${t.state} = 'stored'`),
    index('deliveries_newest').on(t.receivedAt, t.id),
  ],
)
