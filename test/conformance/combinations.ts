import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import pg from 'pg'
import { pino } from 'pino'
import { openQueues, type Queues } from '../../src/queue/open-queue.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { readyDatabase } from '../support/database-folder.ts'

/** Where store and queue are; `store` for the queue: BullMQ's PostgreSQL backend in the store's database. */
export interface Combination {
  store: 'pglite' | 'postgres'
  queue: 'store' | 'redis'
}

/** What the environment must name for a combination, or null when it is all there. */
export function missingFor({ store, queue }: Combination): string | null {
  const missing = [
    store === 'postgres' && process.env.DATABASE_URL === undefined ? 'DATABASE_URL' : null,
    queue === 'redis' && process.env.REDIS_URL === undefined ? 'REDIS_URL' : null,
  ].filter((name) => name !== null)
  return missing.length === 0 ? null : missing.join(' and ')
}

export function titleOf(combination: Combination): string {
  const queue = combination.queue === 'redis' ? 'Redis' : nameOf(combination.store)
  const missing = missingFor(combination)
  const skipped = missing === null ? '' : ` (skipped, not set: ${missing})`
  return `store on ${nameOf(combination.store)}, queue on ${queue}${skipped}`
}

function nameOf(store: Combination['store']): string {
  return store === 'pglite' ? 'PGlite' : 'Postgres'
}

/** What a process needs to open one combination; goes to child processes as JSON. */
export interface Place {
  databaseUrl?: string
  schema: string
  /** Absent: in memory. */
  dataDir?: string
  redisUrl?: string
  prefix: string
}

export const log = pino({ level: 'silent' })

/** A folder with a database in it: making one anew takes seconds. */
async function folderWithDatabase(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'switchyard-conformance-'))
  await readyDatabase(dataDir)
  return dataDir
}

/** A place of its own on these services. `folder`: PGlite in a folder, for processes that come and go. */
export async function makePlace({ store, queue }: Combination, { folder }: { folder: boolean }): Promise<Place> {
  const id = randomBytes(6).toString('hex')
  const { DATABASE_URL, REDIS_URL } = process.env
  return {
    schema: `conformance_${id}`,
    prefix: `conformance_${id}`,
    ...(store === 'postgres' && DATABASE_URL !== undefined ? { databaseUrl: DATABASE_URL } : {}),
    ...(store === 'pglite' && folder ? { dataDir: await folderWithDatabase() } : {}),
    ...(queue === 'redis' && REDIS_URL !== undefined ? { redisUrl: REDIS_URL } : {}),
  }
}

export function openStoreAt({ databaseUrl, schema, dataDir }: Place): Promise<Store> {
  return openStore({ databaseUrl, schema, dataDir, log })
}

/** How soon a failed attempt is followed by the second, in ms. */
export const FIRST_RETRY_MS = 20

export function openQueuesAt({ redisUrl, prefix }: Place, store: Store): Promise<Queues> {
  return openQueues({ redisUrl, store, prefix, firstRetryMs: FIRST_RETRY_MS, log })
}

/** Removes every trace of a place, also what killed processes left. */
export async function clearPlace({ databaseUrl, schema, dataDir, redisUrl, prefix }: Place): Promise<void> {
  if (databaseUrl !== undefined) await dropSchemas(databaseUrl, [schema, `${prefix}_queue`])
  if (redisUrl !== undefined) await deleteKeys(redisUrl, prefix)
  if (dataDir !== undefined) await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
}

async function dropSchemas(databaseUrl: string, schemas: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  for (const schema of schemas) await client.query(`drop schema if exists ${pg.escapeIdentifier(schema)} cascade`)
  await client.end()
}

async function deleteKeys(redisUrl: string, prefix: string): Promise<void> {
  const redis = new Redis(redisUrl)
  const keys = await redis.keys(`${prefix}:*`)
  if (keys.length > 0) await redis.del(...keys)
  await redis.quit()
}
