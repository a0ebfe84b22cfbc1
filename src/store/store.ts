import type { PGlite } from '@electric-sql/pglite'
import type { Logger } from 'pino'
import type { Db } from './db.ts'

/** The Postgres schema that the tables are in, unless told otherwise. */
export const DEFAULT_SCHEMA = 'public'

export type StoreLog = Pick<Logger, 'info' | 'warn' | 'error'>

interface StoreBase {
  db: Db
  /** Throws when the database does not answer. */
  ping(): Promise<void>
  close(): Promise<void>
}
export interface PostgresStore extends StoreBase {
  kind: 'postgres'
  raw: { connectionString: string; schema: string }
}
export interface PgliteStore extends StoreBase {
  kind: 'pglite'
  raw: PGlite
}
/** `raw` is what a queue in the same database needs. */
export type Store = PostgresStore | PgliteStore
