/** Every payload that GitHub's documentation shows, through the real endpoint of a whole app that has never heard of any of it. */
import { createHmac, randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { listDeliveries } from '../../src/store/deliveries.ts'
import { outbox } from '../../src/store/tables/outbox.ts'
import { runs } from '../../src/store/tables/runs.ts'
import { examplePayloads } from '../webhooks/examples.ts'
import { useSwitchyard } from './use-switchyard.ts'

/** How long all of them may take, in ms. */
const PROCESSED = { timeout: 180_000, interval: 500 } as const

const yard = useSwitchyard({})

test('[ING-8] all example payloads are taken, come to an end, and have no effect', async () => {
  const { app, github, world } = yard()
  const secret = world.env.WEBHOOK_SECRET ?? ''
  const examples = examplePayloads()
  const send = async (event: string, payload: unknown): Promise<number> => {
    const body = JSON.stringify(payload)
    const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
    const headers = {
      'content-type': 'application/json',
      'x-github-event': event,
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': signature,
    }
    return (await fetch(`${app.localUrl}/api/github/webhooks`, { method: 'POST', headers, body })).status
  }
  const statuses = await Promise.all(examples.map(({ event, payload }) => send(event, payload)))
  expect(new Set(statuses)).toEqual(new Set([202]))

  // What the app drops as its own before it is stored is an end too.
  const all = () => listDeliveries(app.store.db, { limit: 1_000 })
  const waiting = async () =>
    (await all()).filter(({ state }) => state === 'stored').map(({ event, action }) => `${event} ${action}`)
  await expect.poll(waiting, PROCESSED).toEqual([])
  expect((await all()).length).toBeGreaterThan(300)
  expect(
    (await all()).filter(({ state }) => state === 'failed').map(({ event, action, error }) => [event, action, error]),
  ).toEqual([])
  expect(await app.store.db.select({ id: runs.id }).from(runs)).toEqual([])
  expect(await app.store.db.select({ id: outbox.id }).from(outbox)).toEqual([])
  // What the app asks of GitHub by itself at its start: to send again what it missed while it was not there.
  const wrote = [...app.githubWrites().byRoute.keys()].filter((route) => !route.startsWith('POST /app/hook/deliveries/'))
  expect(wrote).toEqual([])
  expect(
    github
      .inspect()
      .repositories()
      .flatMap((name) => github.inspect().issues(name)),
  ).toEqual([])
})
