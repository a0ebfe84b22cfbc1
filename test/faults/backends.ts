/** Where Switchyard keeps its store and queue in a crash test, made for one case and removed after it. */
import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import pg from 'pg'
import { readyDatabase } from '../support/database-folder.ts'
import type { ProgramName } from './programs.ts'

export type BackendName = 'embedded' | 'services'

export interface Backend {
  name: BackendName
  programs: readonly ProgramName[]
  /** What these programs need in their environment for it. */
  env: Record<string, string>
  /** Whether nothing decided is left to do; always true where no other process can look. */
  isQuiet(): Promise<boolean>
  remove(): Promise<void>
}

/** What the environment must name for a backend, or null when it is all there. */
export function missingFor(name: BackendName): string | null {
  if (name === 'embedded') return null
  const missing = ['DATABASE_URL', 'REDIS_URL'].filter((variable) => process.env[variable] === undefined)
  return missing.length === 0 ? null : missing.join(' and ')
}

export async function openBackend(name: BackendName, dataDir: string): Promise<Backend> {
  return name === 'embedded' ? embedded(dataDir) : services()
}

async function embedded(dataDir: string): Promise<Backend> {
  await readyDatabase(dataDir)
  return { name: 'embedded', programs: ['start'], env: {}, isQuiet: async () => true, remove: async () => undefined }
}

/** A database and a queue prefix of its own on the servers of the environment. */
async function services(): Promise<Backend> {
  const { DATABASE_URL, REDIS_URL } = process.env
  if (DATABASE_URL === undefined || REDIS_URL === undefined) throw new Error('DATABASE_URL and REDIS_URL are not set')
  const id = `faults-${randomBytes(6).toString('hex')}`
  await onServer(DATABASE_URL, `create database ${pg.escapeIdentifier(id)}`)
  const url = new URL(DATABASE_URL)
  url.pathname = `/${id}`
  const pool = new pg.Pool({ connectionString: url.href, max: 1 })
  pool.on('error', () => undefined)
  return {
    name: 'services',
    programs: ['app', 'runner'],
    env: { DATABASE_URL: url.href, REDIS_URL, QUEUE_PREFIX: id },
    async isQuiet() {
      const { rowCount } = await pool.query("select 1 from outbox where state in ('committed', 'enqueued') limit 1")
      return rowCount === 0
    },
    async remove() {
      await pool.end()
      await onServer(DATABASE_URL, `drop database if exists ${pg.escapeIdentifier(id)} with (force)`)
      await deleteKeys(REDIS_URL, id)
    },
  }
}

async function onServer(connectionString: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

async function deleteKeys(url: string, prefix: string): Promise<void> {
  const redis = new Redis(url)
  try {
    const keys = await redis.keys(`${prefix}:*`)
    if (keys.length > 0) await redis.del(...keys)
  } finally {
    redis.disconnect()
  }
}
