/**
 * BullMQ's PostgreSQL backend, in a schema of its own beside the store's tables: on Postgres over a pool of its own, on
 * PGlite over the store's one connection. BullMQ takes the schema of a ready-made pool to be `bullmq`; ours carries the
 * queue's prefix, so that several queues can share a database as they can share a Redis.
 */
import {
  type BackendFactory,
  type ConnectionOptions,
  type IQueueBackend,
  isPgPool,
  type PgPool,
  PostgresConnection,
  PostgresQueueBackend,
  runMigrations,
} from 'bullmq'
import pg from 'pg'
import { poolOptions } from '../store/open-postgres.ts'
import type { PgliteStore, PostgresStore } from '../store/store.ts'
import type { QueueBackend } from './backend.ts'
import { type ConnectionLog, connectionLog, type QueueLog } from './connection-log.ts'
import { pglitePool, sessionOf } from './pglite-pool.ts'

/** Connections of one app to the queue: a listening one for each of the workers, and a few to work with. */
const POOL_SIZE = 10

/** The queue in the store's Postgres. */
export async function postgresBackend(store: PostgresStore, prefix: string, log: QueueLog): Promise<QueueBackend> {
  const schema = schemaOf(prefix)
  const told = connectionLog(log, 'postgres')
  const pool = new pg.Pool({ ...poolOptions(store.raw.connectionString, schema), max: POOL_SIZE })
  pool.setMaxListeners(0)
  pool.on('error', told.lost)
  pool.on('connect', told.back)
  if (!isPgPool(pool)) throw new TypeError('node-postgres changed the shape of its pool')
  const client = await pool.connect()
  try {
    await runMigrations(client, schema)
  } finally {
    client.release()
  }
  return backendOn({ kind: 'postgres', pool, schema, told })
}

/** The queue in the store's PGlite. */
export async function pgliteBackend(store: PgliteStore, prefix: string, log: QueueLog): Promise<QueueBackend> {
  const schema = schemaOf(prefix)
  const pglite = store.raw
  await pglite.transaction((tx) => runMigrations(sessionOf(tx), schema))
  await pglite.exec(`set search_path = public, ${pg.escapeIdentifier(schema)}`)
  await releaseOrphans(pglite)
  return backendOn({ kind: 'pglite', pool: pglitePool(pglite), schema, told: connectionLog(log, 'pglite') })
}

/**
 * Nobody else can be alive on a PGlite: whatever was being worked on when it was opened has lost its worker. Marked as
 * stalled, it is taken up at once instead of when its lock runs out.
 */
async function releaseOrphans(pglite: PgliteStore['raw']): Promise<void> {
  await pglite.exec(`
    update job set locked_until_ms = 0, stalled_marked = true where state = 'active';
    delete from meta where field = 'stalled-check'`)
}

interface Parts {
  kind: 'postgres' | 'pglite'
  pool: PgPool
  schema: string
  told: ConnectionLog
}

function backendOn({ kind, pool, schema, told }: Parts): QueueBackend {
  const factory: BackendFactory<IQueueBackend, ConnectionOptions> = (name, opts) =>
    new PostgresQueueBackend(new SchemaConnection(pool, schema), name, { ...opts, connection: pool }, true)
  return {
    kind,
    producer: {},
    consumer: {},
    factory,
    told,
    async ping() {
      await pool.query('select 1')
    },
    close: () => pool.end(),
  }
}

/** A connection over a pool whose search path is already the schema. */
class SchemaConnection extends PostgresConnection {
  override readonly schema: string

  constructor(pool: PgPool, schema: string) {
    super(pool)
    this.schema = schema
  }
}

/** `switchyard` → `switchyard_queue`. */
function schemaOf(prefix: string): string {
  return `${prefix.replace(/[^A-Za-z0-9_]/g, '_')}_queue`
}
