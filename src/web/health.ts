/**
 * Whether the app lives (`/healthz`), whether it can work (`/readyz`), and a few numbers for Prometheus (`/metrics`).
 * The first two tell nothing of what is going on, so that load balancers may ask (of runners only whether they have a sandbox); the numbers are for this machine only,
 * like the dashboard, while there is no sign-in.
 */
import { Hono } from 'hono'
import type { Logger } from 'pino'
import type { Instant } from '../pipeline/model.ts'
import type { Queues } from '../queue/open-queue.ts'
import type { Db } from '../store/db.ts'
import { liveRunners, RUNNER_LOST_MS } from '../store/runners.ts'
import type { Store } from '../store/store.ts'
import { loopbackOnly } from './dashboard/loopback.ts'
import { gather, METRICS_TYPE, type WriteTotals, writeMetrics } from './metrics.ts'

/** How long a part may take to answer before it counts as not ready, in ms. */
export const READY_TIMEOUT_MS = 3_000

export interface HealthOptions {
  store: Pick<Store, 'ping' | 'db'>
  queues: Pick<Queues, 'ping' | 'depth'>
  version: string
  now(): Instant
  log: Pick<Logger, 'warn'>
  /** Writes to GitHub since the start (`WriteLog.all`). */
  writes?: () => WriteTotals
  timeoutMs?: number
}

/** A probe's answer is worth nothing later. */
const FRESH = { 'cache-control': 'no-store' }

type Part = 'ok' | 'down'

export function health(options: HealthOptions): Hono {
  const { store, queues, version, now, log, timeoutMs = READY_TIMEOUT_MS } = options
  const api = new Hono()
  api.get('/healthz', (context) => context.json({ status: 'ok' }, 200, FRESH))
  api.get('/readyz', async (context) => {
    const ask = async (part: string, ping: () => Promise<void>): Promise<Part> => {
      try {
        await within(timeoutMs, ping())
        return 'ok'
      } catch (error) {
        log.warn({ err: error, part }, 'Not ready')
        return 'down'
      }
    }
    const [storePart, queuePart] = await Promise.all([ask('store', () => store.ping()), ask('queue', () => queues.ping())])
    const ready = storePart === 'ok' && queuePart === 'ok'
    const parts = { status: ready ? 'ready' : 'not ready', store: storePart, queue: queuePart }
    const live = storePart === 'ok' ? await within(timeoutMs, sandboxes(store.db, now())).catch(() => undefined) : undefined
    return context.json({ ...parts, ...(live === undefined ? {} : { sandboxes: live }) }, ready ? 200 : 503, FRESH)
  })
  const guard = loopbackOnly((context) => context.text('Only from this machine.\n', 403))
  api.get('/metrics', guard, async (context) =>
    context.text(writeMetrics(await gather({ db: store.db, queues, version, now: now(), writes: options.writes?.() })), 200, {
      'content-type': METRICS_TYPE,
    }),
  )
  return api
}

/** Of each live runner, without its name: how it is set, and what there is. What is missing stands on the dashboard. */
async function sandboxes(db: Db, now: Instant): Promise<string[]> {
  const runners = await liveRunners(db, now - RUNNER_LOST_MS)
  return runners.map(({ sandbox }) => (sandbox === undefined ? 'unknown' : `${sandbox.mode}: ${sandbox.has}`))
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${ms} ms`)), ms)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
