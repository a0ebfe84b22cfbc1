/** On what the figures were measured. */
import { execFile } from 'node:child_process'
import { statfs } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os'
import process from 'node:process'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import pg from 'pg'

const TMPFS_MAGIC = 0x01021994
const BYTES_PER_GIB = 1024 ** 3

export interface Machine {
  date: string
  processor: string
  cores: number
  memoryGiB: number
  node: string
  git: string
  postgres: string | null
  redis: string | null
  /** What temporary files are on. */
  temporary: 'tmpfs' | 'disk'
  /** Processes that wanted to run, over the last minute: before the bench and after it. */
  load: { before: number; after: number | null }
}

export async function describeMachine(): Promise<Machine> {
  const { stdout } = await promisify(execFile)('git', ['--version'])
  const { DATABASE_URL, REDIS_URL } = process.env
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / BYTES_PER_GIB),
    node: process.version,
    git: stdout.trim().replace('git version ', ''),
    postgres: DATABASE_URL === undefined ? null : await postgresOf(DATABASE_URL),
    redis: REDIS_URL === undefined ? null : await redisOf(REDIS_URL),
    temporary: (await statfs(tmpdir())).type === TMPFS_MAGIC ? 'tmpfs' : 'disk',
    load: { before: currentLoad(), after: null },
  }
}

export function currentLoad(): number {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10
}

async function postgresOf(connectionString: string): Promise<string> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  const { rows } = await client.query(
    "select current_setting('server_version') v, current_setting('fsync') f, current_setting('synchronous_commit') s",
  )
  await client.end()
  return `${rows[0].v.split(' ')[0]}, fsync ${rows[0].f}, synchronous_commit ${rows[0].s}`
}

async function redisOf(url: string): Promise<string> {
  const redis = new Redis(url)
  const version = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'unknown'
  const aof = /aof_enabled:(\d)/.exec(await redis.info('persistence'))?.[1] === '1' ? 'on' : 'off'
  redis.disconnect()
  return `${version}, AOF ${aof}`
}
