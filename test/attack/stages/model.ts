/** A job's model gateway before a vendor that counts what reaches it. */
import { createServer, type IncomingMessage, request } from 'node:http'
import { pino } from 'pino'
import { z } from 'zod'
import { openGateway } from '../../../runner/gateway/gateway.ts'
import type { ModelCallAnswer } from '../../../src/contract/model-call.ts'
import { stage } from '../scene.ts'

export const JOB_TOKEN = 'the-token-of-this-job-0123456789'
export const VENDOR_KEY = 'the-real-key-of-the-vendor-98765'
/** What one call may cost here, in USD. */
const LIMIT_USD = 0.000_1
const PRICE = { input: 1, output: 10, cacheRead: 1, cacheWrite: 1 }
/** Pieces of an answer that would go on for long. */
const PIECES = 4_000

export interface Model {
  readonly port: number
  /** Requests that reached the vendor, by what makes them tell apart. */
  readonly heard: { readonly url: string; readonly mark: string; readonly headers: IncomingMessage['headers'] }[]
  /** Pieces that the vendor had sent when it was broken off, by mark. */
  readonly sent: Map<string, number>
}

async function openModel() {
  const heard: Model['heard'] = []
  const sent: Model['sent'] = new Map()
  const vendor = createServer((asked, response) => {
    let text = ''
    asked.on('data', (chunk) => {
      text += chunk
    })
    asked.on('end', () => {
      const mark = /"mark":"([^"]*)"/.exec(text)?.[1] ?? ''
      heard.push({ url: asked.url ?? '', mark, headers: asked.headers })
      if (!text.includes('"stream":true')) {
        response.setHeader('content-type', 'application/json')
        response.setHeader('x-api-key', VENDOR_KEY)
        response.setHeader('set-cookie', `key=${VENDOR_KEY}`)
        response.end(JSON.stringify({ content: [], usage: { input_tokens: 1, output_tokens: 1 } }))
        return
      }
      response.setHeader('content-type', 'text/event-stream')
      let pieces = 0
      const more = (): void => {
        if (response.destroyed || pieces >= PIECES) return void response.end()
        pieces += 1
        sent.set(mark, pieces)
        response.write(`data: ${JSON.stringify({ type: 'content_block_delta', delta: { text: 'and so on '.repeat(20) } })}\n\n`)
        setImmediate(more)
      }
      response.on('error', () => undefined)
      more()
    })
  })
  await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve))
  const { port } = z.object({ port: z.number() }).parse(vendor.address())
  const gateway = await openGateway({
    token: JOB_TOKEN,
    env: { ANTHROPIC_API_KEY: VENDOR_KEY, ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}` },
    log: pino({ level: 'silent' }),
    listen: { port: 0 },
    meter: { ask: async ({ model }) => grantFor(model), end: async () => undefined },
  })
  const stage: Model = { port: gateway.port ?? 0, heard, sent }
  return {
    stage,
    async close() {
      await gateway.close()
      vendor.closeAllConnections()
      await new Promise((resolve) => vendor.close(resolve))
    },
  }
}

export const modelOf = stage(openModel)
/** One of its own for who takes all of its connections: attacks are tried at the same time. */
export const crowdedModelOf = stage(openModel)

function grantFor(model: string): ModelCallAnswer {
  if (model === 'over-budget') return { ok: false, why: 'budget', message: 'The budget of this run is used up.' }
  if (model === 'not-allowed') return { ok: false, why: 'model', message: 'No price is known for the model "not-allowed".' }
  return { ok: true, call: 'call', price: PRICE, limitUsd: model === 'endless' ? LIMIT_USD : null }
}

export interface Answer {
  readonly status: number
  readonly text: string
  readonly headers: IncomingMessage['headers']
}

/** Asks as an agent with bad manners would: any path, any header. */
export function askModel(
  { port }: Model,
  {
    path = '/v1/messages',
    method = 'POST',
    headers = { 'x-api-key': JOB_TOKEN },
    body = {},
  }: { path?: string; method?: string; headers?: Record<string, string>; body?: object },
): Promise<Answer> {
  return new Promise((resolve) => {
    const asked = request(
      { host: '127.0.0.1', port, path, method, headers: { 'content-type': 'application/json', ...headers } },
      (response) => {
        let text = ''
        const end = (): void => resolve({ status: response.statusCode ?? 0, text, headers: response.headers })
        response.on('data', (chunk) => {
          text += chunk
        })
        response.once('close', end)
      },
    )
    asked.once('error', (error) => resolve({ status: 0, text: error.message, headers: {} }))
    asked.end(JSON.stringify({ model: 'a-model', max_tokens: 100_000, messages: [], ...body }))
  })
}
