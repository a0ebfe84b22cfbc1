import { createHmac, randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { examplePayloads } from '../../webhooks/examples.ts'
import { inParallel, timed } from '../measure.ts'

/** A delivery as GitHub would send it, but for its id. */
export interface SignedDelivery {
  body: string
  event: string
  signature: string
}

/** One of Octokit's published payloads, signed. */
export function signedExample(event: string, action: string, secret: string): SignedDelivery {
  const example = examplePayloads().find((one) => one.event === event && one.payload.action === action)
  if (example === undefined) throw new Error(`there is no example of ${event}.${action}`)
  const body = JSON.stringify(example.payload)
  return { body, event, signature: `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` }
}

/** Sends it so many times, so many at once, each with an id of its own; gives each answer's time in ms. */
export async function post(url: string, delivery: SignedDelivery, count: number, atOnce: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  const times: number[] = []
  await inParallel(count, atOnce, async () => {
    times.push(await timed(() => send(url, delivery, agent)))
  })
  agent.destroy()
  return times
}

function send(url: string, { body, event, signature }: SignedDelivery, agent: Agent): Promise<void> {
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'user-agent': 'GitHub-Hookshot/bench',
    'x-github-event': event,
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': signature,
  }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume()
      response.once('error', reject)
      response.once('end', () => {
        if (response.statusCode === 200 || response.statusCode === 202) resolve()
        else reject(new Error(`answered ${response.statusCode}`))
      })
    })
    sent.once('error', reject)
    sent.end(body)
  })
}
