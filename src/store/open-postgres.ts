import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { SwitchyardError } from '../contract/failure.ts'
import { DEFAULT_SCHEMA, type PostgresStore, type StoreLog } from './store.ts'

/** Connections of one app to Postgres. */
const POOL_SIZE = 10
/** How long to wait for a connection before giving up, in ms. */
const CONNECT_TIMEOUT_MS = 5_000

/**
 * Opens a pool on Postgres and makes the schema if it is not there.
 *
 * @throws SwitchyardError `config` when the server cannot be reached; it names the address without the password.
 */
export async function openPostgres(databaseUrl: string, schema: string, log: StoreLog): Promise<PostgresStore> {
  const options = poolOptions(databaseUrl, schema)
  const pool = new pg.Pool({ ...options, max: POOL_SIZE })
  pool.on('error', (error) => log.warn({ err: error }, 'A connection to the database was lost'))
  try {
    if (schema !== DEFAULT_SCHEMA) await pool.query(`create schema if not exists ${pg.escapeIdentifier(schema)}`)
    await pool.query('select 1')
  } catch (error) {
    await pool.end()
    throw unreachable(databaseUrl, error)
  }
  return {
    kind: 'postgres',
    db: drizzle(pool),
    raw: { connectionString: databaseUrl, schema },
    async ping() {
      await pool.query('select 1')
    },
    async close() {
      await pool.end()
    },
  }
}

/** What a pool needs to work in a schema; connections to the default one are left as the server sets them up. */
export function poolOptions(databaseUrl: string, schema: string): pg.PoolConfig {
  const common = {
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'switchyard',
  }
  if (schema === DEFAULT_SCHEMA) return common
  return { ...common, options: `-c search_path=${pg.escapeIdentifier(schema)}` }
}

function unreachable(databaseUrl: string, error: unknown): SwitchyardError {
  return new SwitchyardError(
    {
      cause: 'config',
      message:
        `The Postgres database of DATABASE_URL (${withoutPassword(databaseUrl)}) cannot be used. Check that the server runs and ` +
        'that address, user, password and database name are right; without DATABASE_URL an embedded database is used.',
      detail: error instanceof Error ? error.message.slice(0, 2_000) : String(error),
    },
    { cause: error },
  )
}

function withoutPassword(databaseUrl: string): string {
  if (!URL.canParse(databaseUrl)) return 'not a URL'
  const { protocol, host, pathname } = new URL(databaseUrl)
  return `${protocol}//${host}${pathname}`
}
