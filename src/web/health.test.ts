import { createAdaptorServer } from '@hono/node-server'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '../store/open-store.ts'
import { RUNNER_LOST_MS, seenRunner } from '../store/runners.ts'
import type { Store } from '../store/store.ts'
import { type HealthOptions, health } from './health.ts'

describe('health', () => {
  let store: Store
  const servers: (() => void)[] = []
  beforeAll(async () => {
    store = await openStore({ log: pino({ level: 'silent' }) })
  })
  afterEach(() => {
    for (const close of servers.splice(0)) close()
  })
  afterAll(() => store.close())

  const serve = async (change: Partial<HealthOptions> = {}): Promise<string> => {
    const queues = { ping: async () => undefined, depth: async () => ({ waiting: 2, active: 1, delayed: 0 }) }
    const log = pino({ level: 'silent' })
    const api = health({ store, queues, version: '0.1.0', now: Date.now, log, ...change })
    const server = createAdaptorServer({ fetch: api.fetch })
    const listening = Promise.withResolvers<void>()
    server.listen(0, '127.0.0.1', listening.resolve)
    await listening.promise
    servers.push(() => server.close())
    const address = server.address()
    return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : ''
  }

  test('says that the process lives and is ready', async () => {
    const url = await serve()
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    const ready = await fetch(`${url}/readyz`)
    expect(ready.status).toBe(200)
    expect(await ready.json()).toEqual({ status: 'ready', store: 'ok', queue: 'ok', sandboxes: [] })
  })

  test('says of each live runner whether it has a sandbox, and not which it is nor why', async () => {
    const beat = { version: '1', concurrency: 2, active: [], runtimes: [] }
    const now = Date.now()
    await seenRunner(store.db, { ...beat, runner: 'a', sandbox: { mode: 'required', has: 'whole' } }, now)
    await seenRunner(store.db, { ...beat, runner: 'b', sandbox: { mode: 'auto', has: 'processes', why: 'secret' } }, now)
    await seenRunner(store.db, { ...beat, runner: 'c' }, now)
    await seenRunner(store.db, { ...beat, runner: 'd', sandbox: { mode: 'off', has: 'none' } }, now - RUNNER_LOST_MS - 1_000)
    const ready = await fetch(`${await serve({ now: () => now })}/readyz`)
    expect(await ready.json()).toMatchObject({ sandboxes: ['required: whole', 'auto: processes', 'unknown'] })
  })

  test('answers 503 and names the part that is down, or does not answer in time', async () => {
    const depth = async () => ({ waiting: 0, active: 0, delayed: 0 })
    const broken = { depth, ping: () => Promise.reject(new Error('password=hunter2 refused')) }
    const silent = { depth, ping: () => new Promise<never>(() => undefined) }
    for (const queues of [broken, silent]) {
      const answer = await fetch(`${await serve({ queues, timeoutMs: 30 })}/readyz`)
      expect(answer.status).toBe(503)
      expect(await answer.json()).toMatchObject({ status: 'not ready', store: 'ok', queue: 'down' })
    }
    const lost = { db: store.db, ping: () => Promise.reject(new Error('gone')) }
    const answer = await fetch(`${await serve({ store: lost })}/readyz`)
    expect(await answer.json()).toEqual({ status: 'not ready', store: 'down', queue: 'ok' })
  })

  test('gives numbers as Prometheus reads them, to this machine only', async () => {
    const writes = () => ({ total: 3, byRoute: new Map([['POST /repos/{owner}/{repo}/issues', 3]]) })
    const url = await serve({ writes })
    const answer = await fetch(`${url}/metrics`)
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const text = await answer.text()
    expect(text).toContain('# TYPE switchyard_runs_live gauge\nswitchyard_runs_live{state="queued"} 0\n')
    expect(text).toContain('switchyard_queue_depth{queue="deliveries",state="waiting"} 2\n')
    expect(text).toContain('switchyard_github_writes_total{route="POST /repos/{owner}/{repo}/issues"} 3\n')
    for (const line of text.split('\n').filter((one) => one !== '' && !one.startsWith('#'))) {
      expect(line).toMatch(/^[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? \d+$/)
    }
    const passedOn = await fetch(`${url}/metrics`, { headers: { 'x-forwarded-for': '203.0.113.9' } })
    expect(passedOn.status).toBe(403)
  })
})
