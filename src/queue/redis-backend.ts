import { createRedisBackend } from 'bullmq'
import { Redis } from 'ioredis'
import { SwitchyardError } from '../contract/failure.ts'
import type { QueueBackend } from './backend.ts'
import { connectionLog, type QueueLog } from './connection-log.ts'

/** Longest pause between two tries to reach Redis again, in ms. */
const RECONNECT_MAX_MS = 2_000
const CONNECT_TIMEOUT_MS = 5_000
/** How long adding may take before it counts as failed, in ms. What arrives after all is added once all the same. */
const ADD_TIMEOUT_MS = 2_000

/**
 * BullMQ on Redis. A lost connection is told once and made again; workers wait for it, adding fails after 2 s.
 *
 * @throws SwitchyardError `config` when Redis cannot be reached at the start; it names the address without the password.
 */
export async function redisBackend(redisUrl: string, log: QueueLog): Promise<QueueBackend> {
  const told = connectionLog(log, 'redis')
  const open = (commandTimeout: number | undefined): Redis => {
    const redis = new Redis(redisUrl, {
      connectTimeout: CONNECT_TIMEOUT_MS,
      retryStrategy: (times) => Math.min(times * 100, RECONNECT_MAX_MS),
      maxRetriesPerRequest: null,
      ...(commandTimeout === undefined ? {} : { commandTimeout }),
    })
    redis.on('error', told.lost)
    redis.on('ready', told.back)
    return redis
  }
  const producer = open(ADD_TIMEOUT_MS)
  try {
    await producer.ping()
  } catch (error) {
    producer.disconnect()
    throw unreachable(redisUrl, error)
  }
  const consumer = open(undefined)
  return {
    kind: 'redis',
    producer,
    consumer,
    factory: createRedisBackend,
    told,
    async ping() {
      await producer.ping()
    },
    async close() {
      producer.disconnect()
      consumer.disconnect()
    },
  }
}

function unreachable(redisUrl: string, error: unknown): SwitchyardError {
  const shown = URL.canParse(redisUrl) ? new URL(redisUrl).host : 'not a URL'
  return new SwitchyardError(
    {
      cause: 'config',
      message: `The Redis server of REDIS_URL (${shown}) cannot be used. Check that it runs and that address and password are right; without REDIS_URL the queue is kept in the database.`,
    },
    { cause: error },
  )
}
