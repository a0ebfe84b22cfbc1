import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { openStore } from '../../src/store/open-store.ts'
import { dashboard } from '../../src/web/dashboard/dashboard.ts'
import { ask } from './http.ts'

test('mounted last, it guards its own pages only, answers what nobody else does, and its failures say nothing', async () => {
  const log = pino({ level: 'silent' })
  const store = await openStore({ log })
  const app = new Hono()
  app.get('/internal/jobs', (context) => context.text('for runners'))
  app.route('/', dashboard({ store, serverUrl: 'https://github.com', version: '0.1.0', now: Date.now, log }))
  const server = createAdaptorServer({ fetch: app.fetch })
  const listening = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', listening.resolve)
  await listening.promise
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const evil = { headers: { host: 'evil.example' } }

  expect(await ask(port, '/internal/jobs', evil)).toMatchObject({ status: 200, body: 'for runners' })
  expect((await ask(port, '/', evil)).status).toBe(403)
  expect((await ask(port, '/nothing')).body).toContain('Nothing here')

  await store.close()
  const broken = await ask(port, '/')
  expect(broken.status).toBe(500)
  expect(broken.body).toContain('This page could not be made')
  expect(broken.body).not.toMatch(/PGlite|closed|at .*\.ts/)
  server.close()
})
