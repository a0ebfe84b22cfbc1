import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { rowsOf } from '../../src/store/db.ts'
import type { Store } from '../../src/store/store.ts'

const Table = z.object({ name: z.string() })

/** Takes everything out of a store, so that the tests of a file can share one: opening another takes half a second of work. */
export async function emptyStore({ db }: Store): Promise<void> {
  const tables = rowsOf(
    Table,
    await db.execute(sql`select tablename as name from pg_tables where schemaname = current_schema()`),
  )
  const ours = tables.flatMap(({ name }) => (name === 'switchyard_migrations' ? [] : [sql.identifier(name)]))
  await db.execute(sql`truncate ${sql.join(ours, sql`, `)} restart identity cascade`)
}
