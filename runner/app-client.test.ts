import { afterEach, beforeEach, expect, test } from 'vitest'
import { FAKE_SECRET, type FakeApp, startFakeApp } from '../test/runner/fake-app.ts'
import { AppRefusedError, createAppClient } from './app-client.ts'

let app: FakeApp
beforeEach(async () => {
  app = await startFakeApp({ token: 'ghs_token' })
})
afterEach(async () => {
  await app.stop()
})
const client = (secret = FAKE_SECRET) => createAppClient({ appUrl: `${app.url}/`, secret, retryFirstMs: 5 })

test('tries again after a 5xx and a 429', async () => {
  app.failNext('start', 500, 503, 429)
  expect(await client().start('run1-code-1', 'r')).toEqual({ go: true, start: 1 })
  expect(app.refusals).toEqual([500, 503, 429])
})

test('never tries again after a 4xx, and keeps the status', async () => {
  app.failNext('token', 409)
  const asked = client().token('run1-code-1', { repositoryId: 1, operation: 'push', start: 1 })
  await expect(asked).rejects.toMatchObject({ status: 409, code: 'told-to', failure: { cause: 'dispatch' } })
  expect(app.refusals).toEqual([409])
})

test('a wrong secret is said to be the configuration’s fault', async () => {
  const refused = await client('another-secret')
    .start('run1-code-1', 'r')
    .catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(AppRefusedError)
  expect(refused).toMatchObject({ failure: { cause: 'config' } })
  expect(String(refused)).not.toContain('another-secret')
})

test('an app that is away and comes back gets the result', async () => {
  app.failNext('result', ...Array.from({ length: 12 }, () => 503))
  const ended = { startedAt: new Date().toISOString(), endedAt: new Date().toISOString() }
  const result = { status: 'cancelled', reason: 'stopped', legs: [], usage: {}, notes: [], ...ended } as const
  await createAppClient({ appUrl: app.url, secret: FAKE_SECRET, retryFirstMs: 0 }).result('run1-code-1', {
    start: 1,
    result: { ...result, legs: [], notes: [] },
  })
  expect(app.results).toHaveLength(1)
})
