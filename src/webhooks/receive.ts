/**
 * Takes a delivery. In the request: verify, store once, answer. Everything else happens after the answer, by whoever
 * finds the stored row: the nudge is only there to make that soon, and waits for a lull (`lull.ts`).
 *
 * Races known and accepted: a store that answers after {@link STORE_TIMEOUT_MS} has stored what we called failed; GitHub's
 * redelivery then finds it stored. A process that dies between store and nudge leaves the row to the sweep.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { crashPoint } from '../contract/crash-point.ts'
import { type ParsedPayload, parsePayload } from './payload-json.ts'
import { readBody } from './read-body.ts'

/** Where GitHub sends webhooks to. */
export const WEBHOOK_PATH = '/api/github/webhooks'
/** Largest delivery GitHub makes, in bytes (25 MiB). */
export const DELIVERY_MAX_BYTES = 25 * 1024 * 1024
/** How long the store may take, in ms; GitHub itself gives up after 10 s. */
export const STORE_TIMEOUT_MS = 8_000

/** A delivery as it is to be stored. */
export interface ReceivedDelivery extends ParsedPayload {
  /** `X-GitHub-Delivery`: a redelivery has the id of the original. */
  id: string
  event: string
  /** In ms since the epoch. */
  receivedAt: number
}

export interface ReceiverDependencies {
  /** Compares in constant time; `webhooks.verify` of Probot. */
  verify(body: string, signature: string): Promise<boolean>
  store(delivery: ReceivedDelivery): Promise<'stored' | 'repeated'>
  /** Has the workers told, at a better moment; may fail. */
  nudge(deliveryId: string): Promise<void>
  isOwn(event: string, payload: unknown): boolean
  /** Hears of every request; what it gives is called when the request has been answered. */
  arrived(): () => void
  log: ReceiverLog
  /** Overrides {@link STORE_TIMEOUT_MS}. */
  storeTimeoutMs?: number
}

/** The part of a pino logger that is used. */
export interface ReceiverLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Answers requests to {@link WEBHOOK_PATH}; false, and nothing done, for any other path. */
export type Receiver = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>

interface Answer {
  status: 202 | 400 | 401 | 405 | 413 | 503
  message: string
}

/** Makes the handler of the webhook endpoint. */
export function createReceiver(dependencies: ReceiverDependencies): Receiver {
  return async (request, response) => {
    const url = request.url ?? ''
    if (url !== WEBHOOK_PATH && !url.startsWith(`${WEBHOOK_PATH}?`)) return false
    const answered = dependencies.arrived()
    const answer = await receive(request, dependencies).catch((error: unknown): Answer => {
      dependencies.log.error({ err: error }, 'delivery could not be taken')
      return { status: 503, message: 'The delivery could not be taken; deliver it again later.' }
    })
    if (answer !== null) send(response, answer)
    answered()
    return true
  }
}

async function receive(request: IncomingMessage, dependencies: ReceiverDependencies): Promise<Answer | null> {
  if (request.method !== 'POST') return { status: 405, message: 'Webhooks are posted.' }
  const signature = headerOf(request, 'x-hub-signature-256')
  if (signature === null) return { status: 401, message: 'The signature is missing.' }
  const read = await readBody(request, DELIVERY_MAX_BYTES)
  if (read.status === 'aborted') return null
  if (read.status === 'too-large') return { status: 413, message: 'The delivery is too large.' }
  const body = read.body.toString('utf8')
  if (!(await isSigned(dependencies, body, signature))) return { status: 401, message: 'The signature is wrong.' }

  const id = headerOf(request, 'x-github-delivery')
  const event = headerOf(request, 'x-github-event')
  if (id === null || event === null || id.length > 100 || event.length > 100) {
    return { status: 400, message: 'The delivery has no id or no event.' }
  }
  const parsed = parsePayload(body)
  if (parsed === null) return { status: 400, message: 'The delivery is no JSON object.' }
  if (dependencies.isOwn(event, parsed.payload)) return { status: 202, message: 'Our own doing.' }
  return take({ id, event, receivedAt: Date.now(), ...parsed }, dependencies)
}

async function take(delivery: ReceivedDelivery, dependencies: ReceiverDependencies): Promise<Answer> {
  const { store, nudge, log, storeTimeoutMs = STORE_TIMEOUT_MS } = dependencies
  const fields = { delivery: delivery.id, installation: delivery.installationId, event: delivery.event }
  try {
    const taken = await within(storeTimeoutMs, store(delivery))
    if (taken === 'repeated') return { status: 202, message: 'Known already.' }
  } catch (error) {
    log.error({ ...fields, err: error }, 'delivery could not be stored')
    return { status: 503, message: 'The delivery could not be stored; deliver it again later.' }
  }
  crashPoint('delivery-stored')
  nudge(delivery.id).catch((error: unknown) => {
    log.warn({ ...fields, err: error }, 'delivery stored, but the queue could not be told')
  })
  return { status: 202, message: 'Stored.' }
}

/** A body or signature that cannot be compared at all is not signed. */
async function isSigned({ verify, log }: ReceiverDependencies, body: string, signature: string): Promise<boolean> {
  const signed = body !== '' && (await verify(body, signature).catch(() => false))
  if (!signed) log.warn({}, 'delivery with a wrong signature refused')
  return signed
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

function headerOf(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name]
  return typeof value === 'string' && value !== '' ? value : null
}

function send(response: ServerResponse, { status, message }: Answer): void {
  // The rest of a refused body is not wanted, so the connection ends with the answer.
  if (status === 413) response.setHeader('connection', 'close')
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${message}\n`)
}
