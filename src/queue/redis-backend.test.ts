import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'
import { Redis } from 'ioredis'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { failureOf } from '../contract/failure.ts'
import type { Store } from '../store/store.ts'
import { openQueues } from './open-queue.ts'
import { redisBackend } from './redis-backend.ts'

const silent = pino({ level: 'silent' })

test('a Redis that does not answer is named without its password, with what to do', async () => {
  const failure = failureOf(
    await redisBackend('redis://:hunter2@127.0.0.1:1', silent).catch((error: unknown) => error),
    'internal',
  )
  expect(failure).toMatchObject({ cause: 'config', message: expect.stringContaining('REDIS_URL (127.0.0.1:1)') })
  expect(JSON.stringify(failure)).not.toContain('hunter2')
})

/** A way to Redis that can be cut and mended. */
async function wayTo(redisUrl: string) {
  const { hostname, port } = new URL(redisUrl)
  const open = new Set<Socket>()
  let cut = false
  const server = net.createServer((socket) => {
    if (cut) return socket.destroy()
    const redis = net.connect(Number(port || 6379), hostname)
    for (const end of [socket, redis]) {
      open.add(end)
      end.on('error', () => undefined)
      end.on('close', () => {
        socket.destroy()
        redis.destroy()
      })
    }
    socket.pipe(redis).pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address() as AddressInfo
  return {
    url: `redis://127.0.0.1:${address.port}`,
    cut() {
      cut = true
      for (const socket of open) socket.destroy()
      open.clear()
    },
    mend() {
      cut = false
    },
    close() {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
}

const redisUrl = process.env.REDIS_URL
describe.skipIf(redisUrl === undefined)(
  `a lost connection to Redis${redisUrl === undefined ? ' (skipped: REDIS_URL is not set)' : ''}`,
  () => {
    test('is told once, fails what is added meanwhile soon, and work goes on when it is back', async () => {
      const way = await wayTo(redisUrl ?? '')
      const lines: { msg: string }[] = []
      const log = pino({ level: 'info' }, { write: (line) => lines.push(JSON.parse(line)) })
      const prefix = `redis_test_${randomBytes(6).toString('hex')}`
      // A queue on Redis does not look at the store.
      const store = { kind: 'pglite' } as Store
      const queues = await openQueues({ redisUrl: way.url, store, prefix, log })
      const taken: string[] = []
      const worker = queues.createWorker('deliveries', async ({ delivery }) => void taken.push(delivery), { concurrency: 1 })
      await worker.ready()
      await queues.addDelivery('before')
      await expect.poll(() => taken).toEqual(['before'])

      way.cut()
      const started = performance.now()
      await expect(queues.addDelivery('meanwhile')).rejects.toThrow()
      await expect(queues.ping()).rejects.toThrow()
      expect(performance.now() - started).toBeLessThan(5_000)

      way.mend()
      await expect
        .poll(
          () =>
            queues.addDelivery('after').then(
              () => 'added',
              () => 'not yet',
            ),
          { timeout: 20_000 },
        )
        .toBe('added')
      await expect.poll(() => taken, { timeout: 20_000 }).toContain('after')
      // What timed out may arrive after all, once.
      expect(new Set(taken).size).toBe(taken.length)

      const told = lines.map(({ msg }) => msg)
      expect(told.filter((msg) => msg === 'The queue cannot be reached; trying again')).toHaveLength(1)
      expect(told).toContain('The queue is back')
      await queues.close(true)
      way.close()
      const redis = new Redis(redisUrl ?? '')
      const keys = await redis.keys(`${prefix}:*`)
      if (keys.length > 0) await redis.del(...keys)
      await redis.quit()
    })
  },
)
