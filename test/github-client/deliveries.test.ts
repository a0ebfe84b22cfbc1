import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { failedDeliveries, listDeliveries, redeliver } from '../../src/github/deliveries.ts'
import { createLull } from '../../src/webhooks/lull.ts'
import { isOwnEvent } from '../../src/webhooks/own-events.ts'
import { createReceiver, type ReceivedDelivery, WEBHOOK_PATH } from '../../src/webhooks/receive.ts'
import { type Connected, connect, SECRET } from './connect.ts'

let on: Connected
beforeAll(async () => {
  on = await connect()
})
afterAll(() => on.stop())

it('[ING-2] a delivery that the store could not take is seen as failed, redelivered under its id, and taken once', async () => {
  const stored: ReceivedDelivery[] = []
  let broken = true
  const receiver = createReceiver({
    verify: (body, signature) => on.github.probot.webhooks.verify(body, signature),
    store: async (delivery) => {
      if (broken) throw new Error('the store is down')
      stored.push(delivery)
      return 'stored'
    },
    nudge: async () => {},
    isOwn: (event, payload) => isOwnEvent(event, payload, on.app),
    arrived: createLull().arrived,
    log: { info() {}, warn() {}, error() {} },
  })
  const server = createServer((request, response) => void receiver(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${WEBHOOK_PATH}`
  on.local.setWebhook(on.app.appId, url, SECRET)
  await on.local.idle()

  const since = new Date(Date.now() - 60_000)
  const [failed] = failedDeliveries(await listDeliveries(on.github.app, since))
  expect(failed).toMatchObject({ event: 'ping', ok: false })
  broken = false
  await redeliver(on.github.app, failed?.id ?? 0)
  await on.local.idle()
  expect(stored.map((each) => [each.event, each.id])).toEqual([['ping', failed?.guid]])
  expect(failedDeliveries(await listDeliveries(on.github.app, since))).toEqual([])
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})
