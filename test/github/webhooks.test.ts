import { verify } from '@octokit/webhooks-methods'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Fixture, SECRET, startFixture } from './fixture.ts'

let fixture: Fixture

beforeEach(async () => {
  fixture = await startFixture()
  await fixture.github.idle()
  fixture.recorder.received.length = 0
})
afterEach(() => fixture.stop())

function open(count: number) {
  return Array.from({ length: count }, (_, index) => {
    const { number } = fixture.github.as('ana').openIssue('acme/shop', { title: `Issue ${index}` })
    return number
  })
}

function numbers(): unknown[] {
  return fixture.recorder.received.map(({ payload }) => (payload.issue as { number: number }).number)
}

test('a delivery is signed, and says what it is, for whom and by whom', async () => {
  open(1)
  await fixture.github.idle()
  const [delivery] = fixture.recorder.received
  expect(await verify(SECRET, delivery?.body ?? '', delivery?.headers['x-hub-signature-256'] ?? '')).toBe(true)
  expect(await verify('another', delivery?.body ?? '', delivery?.headers['x-hub-signature-256'] ?? '')).toBe(false)
  expect(delivery?.headers).toMatchObject({
    'x-github-event': 'issues',
    'x-github-hook-installation-target-id': String(fixture.app.appId),
    'x-github-hook-installation-target-type': 'integration',
  })
  expect(delivery?.payload).toMatchObject({
    action: 'opened',
    sender: { login: 'ana', type: 'User' },
    installation: { id: fixture.installationId },
    organization: { login: 'acme' },
  })
})

test('what the App does itself comes back with its bot as the sender', async () => {
  const { octokit, app } = fixture
  await octokit.rest.issues.create({ owner: 'acme', repo: 'shop', title: 'By the App' })
  await fixture.github.idle()
  expect(fixture.recorder.received[0]?.payload.sender).toMatchObject({ login: app.botLogin, id: app.botId, type: 'Bot' })
})

test('an App hears only what it subscribed to and may read, and nothing while it is suspended', async () => {
  const { github, recorder } = fixture
  const deaf = github.createApp({
    name: 'Deaf',
    webhookUrl: recorder.url,
    permissions: { contents: 'read' },
    events: ['issues', 'push'],
  })
  github.install(deaf.appId, { account: 'acme', repositories: ['shop'] })
  await github.idle()
  recorder.received.length = 0
  await github.as('ana').push('acme/shop', 'b', { a: 'a' }, 'm')
  open(1)
  await github.idle()
  const heard = github
    .inspect()
    .deliveries()
    .filter((one) => one.app.id === deaf.appId)
  expect(heard.map(({ event }) => event)).toEqual(['ping', 'installation', 'push'])
  github.suspend(fixture.installationId)
  await github.idle()
  recorder.received.length = 0
  open(1)
  await github.idle()
  expect(recorder.received).toEqual([])
})

test('a failed delivery is listed as failed, is not sent again by itself, and keeps its guid when redelivered', async () => {
  fixture.recorder.answer(503)
  open(1)
  await fixture.github.idle()
  expect(fixture.recorder.received).toHaveLength(1)
  const { apps } = fixture.asApp.rest
  const { data } = await apps.listWebhookDeliveries({ per_page: 1 })
  expect(data[0]).toMatchObject({ status_code: 503, event: 'issues', action: 'opened', redelivery: false })
  fixture.recorder.answer(202)
  await apps.redeliverWebhookDelivery({ delivery_id: data[0]?.id ?? 0 })
  await fixture.github.idle()
  const [first, second] = fixture.recorder.received
  expect(second?.id).toBe(first?.id)
  expect(second?.body).toBe(first?.body)
  const { data: now, headers } = await apps.listWebhookDeliveries({ per_page: 1 })
  expect(now[0]).toMatchObject({ status_code: 202, redelivery: true, guid: data[0]?.guid })
  const cursor = /cursor=([^&>]+)/.exec(headers.link ?? '')?.[1] ?? ''
  expect((await apps.listWebhookDeliveries({ per_page: 1, cursor })).data[0]?.id).toBe(data[0]?.id)
})

test('deliveries can be dropped, doubled, shuffled, delayed and held', async () => {
  const { github, recorder } = fixture
  github.faults.deliveries({ drop: 1 })
  open(3)
  await github.idle()
  expect(recorder.received).toEqual([])
  expect(github.inspect().deliveries().at(-1)).toMatchObject({ statusCode: 0 })

  github.faults.deliveries({ double: 1 })
  const [doubled] = open(1)
  await github.idle()
  expect(numbers()).toEqual([doubled, doubled])
  expect(recorder.received[0]?.id).toBe(recorder.received[1]?.id)

  github.faults.clear()
  recorder.received.length = 0
  github.faults.pause()
  const held = open(8)
  await new Promise((resolve) => setImmediate(resolve))
  expect(recorder.received).toEqual([])
  github.faults.deliveries({ shuffle: 8, seed: 3, delay: [0, 20] })
  github.faults.resume()
  await github.idle()
  expect(numbers()).not.toEqual(held)
  expect(numbers().sort()).toEqual(held.sort())
})
