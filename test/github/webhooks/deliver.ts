/** Sends webhook deliveries, signed, once each, as GitHub does: ten seconds for an answer, no retry by itself. */
import { createHmac, randomUUID } from 'node:crypto'
import { type App, fullName, type Installation } from '../state/model.ts'
import { timestamp, type World } from '../state/world.ts'

const ANSWER_TIMEOUT_MS = 10_000

export interface Delivery {
  /** Of this attempt. */
  id: number
  /** The same for a delivery and its redeliveries. */
  guid: string
  app: App
  event: string
  action: string | null
  installation: Installation | null
  repositoryId: number | null
  deliveredAt: string
  redelivery: boolean
  /** Seconds the answer took. */
  duration: number
  status: string
  /** 0 when there was no answer; null while it has not been sent. */
  statusCode: number | null
  payload: string
  requestHeaders: Record<string, string>
  responseHeaders: Record<string, string>
  responseBody: string
}

export interface NewDelivery {
  app: App
  event: string
  action: string | null
  installation: Installation | null
  repositoryId: number | null
  payload: string
}

export interface Deliverer {
  send(delivery: NewDelivery): void
  /** Sends a past delivery again, under its guid. */
  redeliver(delivery: Delivery): void
  /** Held deliveries are dropped, those under way are cut off. */
  stop(): void
}

export function createDeliverer(world: World): Deliverer {
  let held: { delivery: Delivery; ended: () => void }[] = []
  const stopping = new AbortController()

  const enqueue = (delivery: Delivery) => {
    world.deliveries.push(delivery)
    world.activity.track(
      new Promise<void>((resolve) => {
        held.push({ delivery, ended: resolve })
      }),
    )
    // A group to shuffle forms from what one turn of the event loop brings.
    setImmediate(flush)
  }

  const flush = () => {
    const faults = world.faults.delivery()
    if (faults.paused && !stopping.signal.aborted) return
    const group = held
    held = []
    if (faults.shuffle !== undefined && faults.shuffle > 1) shuffle(group, faults.shuffle, world.faults.random)
    for (const { delivery, ended } of group) {
      if (stopping.signal.aborted) ended()
      else attempt(world, delivery, stopping.signal).then(ended, ended)
    }
  }
  world.faults.onDeliveryChange(flush)

  return {
    send: (input) => enqueue(newDelivery(world, input, randomUUID(), false)),
    redeliver: (delivery) => enqueue(newDelivery(world, delivery, delivery.guid, true)),
    stop: () => {
      stopping.abort()
      flush()
    },
  }
}

function newDelivery(world: World, input: NewDelivery, guid: string, redelivery: boolean): Delivery {
  const { app, event, action, installation, repositoryId, payload } = input
  return {
    id: world.nextId(),
    guid,
    app,
    event,
    action,
    installation,
    repositoryId,
    deliveredAt: timestamp(world),
    redelivery,
    duration: 0,
    status: 'pending',
    statusCode: null,
    payload,
    requestHeaders: headersOf(app, event, guid, payload),
    responseHeaders: {},
    responseBody: '',
  }
}

function headersOf(app: App, event: string, guid: string, payload: string): Record<string, string> {
  const sign = (algorithm: string) =>
    createHmac(algorithm, app.hook?.secret ?? '')
      .update(payload)
      .digest('hex')
  return {
    accept: '*/*',
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/0000000',
    'x-github-delivery': guid,
    'x-github-event': event,
    'x-github-hook-id': String(app.hook?.id ?? 0),
    'x-github-hook-installation-target-id': String(app.id),
    'x-github-hook-installation-target-type': 'integration',
    'x-hub-signature': `sha1=${sign('sha1')}`,
    'x-hub-signature-256': `sha256=${sign('sha256')}`,
  }
}

async function attempt(world: World, delivery: Delivery, stopping: AbortSignal): Promise<void> {
  const faults = world.faults.delivery()
  const random = randomFor(world, delivery)
  const wait = typeof faults.delay === 'number' ? faults.delay : between(faults.delay, random)
  const dropped = random() < (faults.drop ?? 0)
  const doubled = random() < (faults.double ?? 0)
  if (random() < (faults.lose ?? 0)) return
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
  const hook = delivery.app.hook
  if (dropped || hook === null) {
    delivery.statusCode = 0
    delivery.status = dropped ? 'failed to connect to host' : 'no webhook'
    return
  }
  await Promise.all([post(delivery, hook.url, stopping), ...(doubled ? [post({ ...delivery }, hook.url, stopping)] : [])])
  world.log('webhook delivered', { event: delivery.event, action: delivery.action, status: delivery.statusCode })
}

/** With a seed per repository, what befalls the nth delivery of a kind there is the same in every run. */
function randomFor(world: World, { event, action, repositoryId }: Delivery): () => number {
  const { seedOf } = world.faults.delivery()
  const repository = [...world.repositories.values()].find(({ id }) => id === repositoryId)
  if (seedOf === undefined || repository === undefined) return world.faults.random
  return world.faults.randomOf(`${event} ${action ?? ''}`, seedOf(fullName(repository)))
}

async function post(delivery: Delivery, url: string, stopping: AbortSignal): Promise<void> {
  const started = performance.now()
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: delivery.requestHeaders,
      body: delivery.payload,
      redirect: 'manual',
      signal: AbortSignal.any([stopping, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
    })
    delivery.responseBody = await response.text()
    delivery.responseHeaders = Object.fromEntries(response.headers)
    delivery.statusCode = response.status
    delivery.status = response.ok ? 'OK' : `Invalid HTTP Response: ${response.status}`
  } catch (error) {
    const timedOut = error instanceof Error && error.name === 'TimeoutError'
    delivery.statusCode = 0
    delivery.status = timedOut ? 'timed out' : 'failed to connect to host'
  }
  delivery.duration = Math.round(performance.now() - started) / 1_000
}

function between(range: [number, number] | undefined, random: () => number): number {
  return range === undefined ? 0 : range[0] + (range[1] - range[0]) * random()
}

/** Shuffles within successive groups of `size`. */
function shuffle<T>(items: T[], size: number, random: () => number): void {
  for (let start = 0; start < items.length; start += size) {
    const end = Math.min(start + size, items.length)
    for (let index = end - 1; index > start; index--) {
      const other = start + Math.floor(random() * (index - start + 1))
      const [a, b] = [items[index], items[other]]
      if (a === undefined || b === undefined) continue
      items[index] = b
      items[other] = a
    }
  }
}
