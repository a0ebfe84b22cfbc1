import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { z } from 'zod'
import { type Db, rowsOf } from './db.ts'

const FOLDER = fileURLToPath(new URL('migrations', import.meta.url))
/** Names the advisory lock under which one app at a time migrates. */
const LOCK = 'switchyard-migrations'

/** All migrations there are, oldest first. */
export function knownMigrations() {
  return readMigrationFiles({ migrationsFolder: FOLDER })
}

/**
 * Brings the schema up to date: everything that is missing, in one transaction, one app at a time. Works in the
 * first schema of the connection's search path. Gives how many migrations were applied now.
 */
export async function migrate(db: Db): Promise<number> {
  const known = knownMigrations()
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${LOCK} || current_schema(), 0))`)
    await tx.execute(
      sql`create table if not exists switchyard_migrations (hash text primary key, at timestamptz not null default now())`,
    )
    const applied = new Set(
      rowsOf(z.object({ hash: z.string() }), await tx.execute(sql`select hash from switchyard_migrations`)).map(
        (row) => row.hash,
      ),
    )
    const missing = known.filter((migration) => !applied.has(migration.hash))
    for (const migration of missing) {
      for (const statement of migration.sql) await tx.execute(sql.raw(statement))
      await tx.execute(sql`insert into switchyard_migrations (hash) values (${migration.hash})`)
    }
    return missing.length
  })
}
