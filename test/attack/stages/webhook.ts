/** Webhooks as somebody sends them who is not GitHub. */
import { createHmac, randomUUID } from 'node:crypto'
import { request } from 'node:http'
import { listDeliveries } from '../../../src/store/deliveries.ts'
import type { Yard } from '../../e2e/harness.ts'

/** What is sent; the signature is the right one unless the headers say otherwise. */
export interface Forged {
  readonly id?: string
  readonly event?: string
  readonly body: string | Buffer
  readonly secret?: string
  /** Laid over the right ones; null leaves one out. */
  readonly headers?: Readonly<Record<string, string | null>>
  /** A body in pieces, of an unannounced length. */
  readonly chunks?: number
}

export function signature(body: string | Buffer, secret: string, algorithm = 'sha256'): string {
  return `${algorithm}=${createHmac(algorithm, secret).update(body).digest('hex')}`
}

export function secretOf(yard: Yard): string {
  return yard.world.env.WEBHOOK_SECRET ?? ''
}

/** Posts it, and gives the status with the id under which it would be stored. */
export async function send(yard: Yard, forged: Forged): Promise<{ status: number; id: string }> {
  const { id = randomUUID(), event = 'issues', body, secret = secretOf(yard), headers = {}, chunks = 1 } = forged
  const all = {
    'content-type': 'application/json',
    'x-github-event': event,
    'x-github-delivery': id,
    'x-hub-signature-256': signature(Buffer.concat(Array(chunks).fill(Buffer.from(body))), secret),
    ...(chunks > 1 ? { 'transfer-encoding': 'chunked' } : {}),
    ...headers,
  }
  const given = Object.fromEntries(Object.entries(all).filter((each): each is [string, string] => each[1] !== null))
  const status = await new Promise<number>((resolve, reject) => {
    const sending = request(`http://127.0.0.1:${yard.world.port}/api/github/webhooks`, { method: 'POST', headers: given })
    let answered = false
    sending.on('response', (response) => {
      answered = true
      response.resume()
      resolve(response.statusCode ?? 0)
      if (chunks > 1) sending.destroy()
    })
    sending.on('error', (error) => (answered ? undefined : reject(error)))
    for (let sent = 0; sent < chunks; sent += 1) sending.write(body)
    sending.end()
  })
  return { status, id }
}

/** Whether the app has stored a delivery of this id. */
export async function isStored(yard: Yard, id: string): Promise<boolean> {
  const rows = await listDeliveries(yard.app.store.db, { limit: 1_000 })
  return rows.some((row) => row.id === id)
}

/** An `issues.labeled` of a start label, as GitHub sends it, for an issue that does not carry the label. */
export function labeledPayload(yard: Yard, number: number, label = 'switchyard:ask'): string {
  const opened = yard.github
    .inspect()
    .deliveries()
    .find((each) => each.event === 'issues' && JSON.parse(each.payload).issue?.number === number)
  if (opened === undefined) throw new Error(`no delivery tells of issue ${number}`)
  const payload = JSON.parse(opened.payload)
  return JSON.stringify({
    ...payload,
    action: 'labeled',
    label: { id: 1, node_id: 'x', url: 'https://example.com', name: label, color: 'ffffff', default: false, description: null },
  })
}
