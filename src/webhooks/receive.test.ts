import { createHmac } from 'node:crypto'
import { createServer, request as httpRequest, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhooks } from '@octokit/webhooks'
import { afterEach, describe, expect, it } from 'vitest'
import { examplePayloads } from '../../test/webhooks/examples.ts'
import { createLull } from './lull.ts'
import { isOwnEvent } from './own-events.ts'
import {
  createReceiver,
  DELIVERY_MAX_BYTES,
  type ReceivedDelivery,
  type ReceiverDependencies,
  WEBHOOK_PATH,
} from './receive.ts'

const SECRET = 'a secret for this test'
const OWN = { appId: 4711, botLogin: 'switchyard[bot]', botId: 99 }

const servers: Server[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))))
})

interface Calls {
  stored: ReceivedDelivery[]
  nudged: string[]
  order: string[]
}

/** A real server with a store in memory; `change` replaces a dependency. */
async function serve(change: Partial<ReceiverDependencies> = {}) {
  const webhooks = new Webhooks({ secret: SECRET })
  const calls: Calls = { stored: [], nudged: [], order: [] }
  const receiver = createReceiver({
    verify: async (body, signature) => {
      calls.order.push('verify')
      return webhooks.verify(body, signature)
    },
    store: async (delivery) => {
      calls.order.push('store')
      if (calls.stored.some((each) => each.id === delivery.id)) return 'repeated'
      calls.stored.push(delivery)
      return 'stored'
    },
    nudge: async (id) => {
      calls.order.push('nudge')
      calls.nudged.push(id)
    },
    isOwn: (event, payload) => isOwnEvent(event, payload, OWN),
    arrived: createLull().arrived,
    log: { info() {}, warn() {}, error() {} },
    ...change,
  })
  const server = createServer(async (request, response) => {
    if (await receiver(request, response)) return
    response.writeHead(418).end()
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${WEBHOOK_PATH}`
  return { url, calls }
}

function sign(body: string, secret = SECRET): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
}

interface Sent {
  body?: string
  headers?: Record<string, string>
  without?: string
}

async function deliver(url: string, { body = '{"action":"opened"}', headers = {}, without }: Sent = {}): Promise<number> {
  const all: Record<string, string> = {
    'content-type': 'application/json',
    'x-github-event': 'issues',
    'x-github-delivery': 'd-1',
    'x-hub-signature-256': sign(body),
    ...headers,
  }
  if (without !== undefined) delete all[without]
  const response = await fetch(url, { method: 'POST', body, headers: all })
  await response.text()
  return response.status
}

describe('the webhook endpoint', () => {
  it('[ING-1] answers 401 to a bad or missing signature and stores nothing', async () => {
    const { url, calls } = await serve()
    const body = '{"action":"opened"}'
    const bad: Record<string, number> = {
      missing: await deliver(url, { without: 'x-hub-signature-256' }),
      empty: await deliver(url, { headers: { 'x-hub-signature-256': '' } }),
      'another secret': await deliver(url, { headers: { 'x-hub-signature-256': sign(body, 'development') } }),
      'another body': await deliver(url, { body, headers: { 'x-hub-signature-256': sign(`${body} `) } }),
      'no algorithm': await deliver(url, { headers: { 'x-hub-signature-256': sign(body).slice('sha256='.length) } }),
      garbage: await deliver(url, { headers: { 'x-hub-signature-256': 'sha256=zz' } }),
      'only the old sha1': await deliver(url, {
        without: 'x-hub-signature-256',
        headers: { 'x-hub-signature': `sha1=${createHmac('sha1', SECRET).update(body).digest('hex')}` },
      }),
      'empty body': await deliver(url, { body: '' }),
    }
    expect(new Set(Object.values(bad)), JSON.stringify(bad)).toEqual(new Set([401]))
    expect(calls.stored).toEqual([])
    expect(calls.nudged).toEqual([])
  })

  it('[ING-2] acknowledges a delivery only after it is stored', async () => {
    let stored = (): void => {}
    let reached = (): void => {}
    const storing = new Promise<void>((resolve) => {
      reached = resolve
    })
    const { url } = await serve({
      store: () => {
        reached()
        return new Promise((resolve) => {
          stored = () => resolve('stored')
        })
      },
    })
    let answered = false
    const answer = deliver(url).then((status) => {
      answered = true
      return status
    })
    await storing
    // Another request goes all the way round meanwhile, so that an early answer would have arrived.
    expect(await deliver(url, { without: 'x-hub-signature-256' })).toBe(401)
    expect(answered).toBe(false)
    stored()
    expect(await answer).toBe(202)
  })

  it('[ING-2] acknowledges a repeat and ignores it', async () => {
    const { url, calls } = await serve()
    expect(await deliver(url)).toBe(202)
    expect(await deliver(url)).toBe(202)
    expect(calls.stored.map((each) => each.id)).toEqual(['d-1'])
    expect(calls.nudged).toEqual(['d-1'])
  })

  it('[ING-2] answers 503 when the store cannot take it, and takes the redelivery', async () => {
    let broken = true
    const { url, calls } = await serve({
      store: async (delivery) => {
        if (broken) throw new Error('connection refused')
        calls.stored.push(delivery)
        return 'stored'
      },
    })
    expect(await deliver(url)).toBe(503)
    expect(calls.nudged).toEqual([])
    broken = false
    expect(await deliver(url)).toBe(202)
    expect(calls.nudged).toEqual(['d-1'])
  })

  it('[ING-2] answers 503 when the store does not answer in time, or anything else goes wrong', async () => {
    const slow = await serve({ store: () => new Promise(() => {}), storeTimeoutMs: 20 })
    expect(await deliver(slow.url)).toBe(503)
    const wrong = await serve({
      isOwn: () => {
        throw new Error('unforeseen')
      },
    })
    expect(await deliver(wrong.url)).toBe(503)
    expect(wrong.calls.stored).toEqual([])
  })

  it('[ING-3] does nothing in the request but verify, store and tell the queue; a queue that is down changes nothing', async () => {
    const { url, calls } = await serve()
    expect(await deliver(url)).toBe(202)
    expect(calls.order).toEqual(['verify', 'store', 'nudge'])
    const down = await serve({ nudge: () => Promise.reject(new Error('the queue is down')) })
    expect(await deliver(down.url)).toBe(202)
    expect(down.calls.stored).toHaveLength(1)
  })

  it('[ING-4] acknowledges its own events and does not store them', async () => {
    const { url, calls } = await serve()
    const body = JSON.stringify({ action: 'created', sender: { id: OWN.botId, login: OWN.botLogin, type: 'Bot' } })
    expect(await deliver(url, { body, headers: { 'x-github-event': 'issue_comment' } })).toBe(202)
    expect(calls.order).toEqual(['verify'])
  })

  it('stores the payload with the fields its row carries', async () => {
    const { url, calls } = await serve()
    const body = JSON.stringify({ action: 'labeled', installation: { id: 5 }, repository: { id: 7 }, note: 'as it came' })
    const before = Date.now()
    expect(await deliver(url, { body })).toBe(202)
    const [delivery] = calls.stored
    expect(delivery).toMatchObject({ id: 'd-1', event: 'issues', action: 'labeled', installationId: 5, repositoryId: 7 })
    expect(delivery?.receivedAt).toBeGreaterThanOrEqual(before)
    expect(delivery?.payload).toMatchObject({ note: 'as it came' })
  })

  it('answers 400 where the delivery has no id, no event or no JSON object in it', async () => {
    const { url, calls } = await serve()
    expect(await deliver(url, { without: 'x-github-delivery' })).toBe(400)
    expect(await deliver(url, { without: 'x-github-event' })).toBe(400)
    for (const body of ['{', 'null', '[]', '"text"', 'payload=%7B%7D']) expect(await deliver(url, { body })).toBe(400)
    expect(calls.stored).toEqual([])
  })

  it('answers 413 to more than 25 MiB, announced or not', async () => {
    const { url, calls } = await serve()
    const announced = await post(url, { 'content-length': String(DELIVERY_MAX_BYTES + 1) }, [])
    expect(announced).toBe(413)
    const piece = Buffer.alloc(1024 * 1024, ' ')
    const streamed = await post(url, { 'transfer-encoding': 'chunked' }, Array<Buffer>(27).fill(piece))
    expect(streamed).toBe(413)
    expect(calls.order).toEqual([])
  })

  it('leaves other paths alone and wants a POST', async () => {
    const { url } = await serve()
    expect((await fetch(url)).status).toBe(405)
    expect((await fetch(`${url}/other`, { method: 'POST' })).status).toBe(418)
  })

  it('[ING-8] takes every example payload of GitHub', async () => {
    const { url, calls } = await serve()
    const examples = examplePayloads()
    expect(examples.length).toBeGreaterThan(300)
    const statuses = await Promise.all(
      examples.map(({ event, index, payload }) =>
        deliver(url, {
          body: JSON.stringify(payload),
          headers: { 'x-github-event': event, 'x-github-delivery': `${event}-${index}` },
        }),
      ),
    )
    expect(new Set(statuses)).toEqual(new Set([202]))
    expect(calls.stored).toHaveLength(examples.length)
  })
})

/** A request that goes on sending; gives the status as soon as it is there. */
function post(url: string, headers: Record<string, string>, chunks: Buffer[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const signed = { 'x-hub-signature-256': sign('x'), 'x-github-delivery': 'd', 'x-github-event': 'push', ...headers }
    const sending = httpRequest(url, { method: 'POST', headers: signed })
    let status = 0
    sending.on('response', (response) => {
      status = response.statusCode ?? 0
      response.resume()
      sending.destroy()
      resolve(status)
    })
    sending.on('error', (error) => (status === 0 ? reject(error) : undefined))
    sending.flushHeaders()
    for (const chunk of chunks) sending.write(chunk)
  })
}
