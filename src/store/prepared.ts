import type { SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { Db } from './db.ts'

const dialect = new PgDialect()

/** Runs a statement that Postgres plans once per connection. Its text must always be the same for the same name. */
export async function prepared(db: Db, name: string, statement: SQL): Promise<unknown> {
  return db._.session.prepareQuery(dialect.sqlToQuery(statement), undefined, name, false).execute()
}
