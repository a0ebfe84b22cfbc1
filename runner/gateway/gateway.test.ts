import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { costOf, type ModelCallAnswer } from '../../src/contract/model-call.ts'
import { type Gateway, openGateway } from './gateway.ts'
import type { CallEnd, CallRequest, Meter } from './meter.ts'

const TOKEN = 'the-token-of-this-job'
const KEYS = { ANTHROPIC_API_KEY: 'real-anthropic', OPENAI_API_KEY: 'real-openai', GEMINI_API_KEY: 'real-google' }
const PRICE = { input: 1, output: 10, cacheRead: 0.1, cacheWrite: 2 }
const GRANT: ModelCallAnswer = { ok: true, call: 'c1', price: PRICE, limitUsd: null }

let vendor: Server
let vendorUrl: string
let gateway: Gateway
let seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[]
let answer: (request: IncomingMessage, response: ServerResponse, nth: number) => void
let asked: CallRequest[]
let ended: CallEnd[]
let grant: ModelCallAnswer

beforeEach(async () => {
  ;[seen, asked, ended, grant] = [[], [], [], GRANT]
  vendor = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body })
      answer(request, response, seen.length - 1)
    })
  })
  vendorUrl = await listening(vendor)
  const urls = { ANTHROPIC_BASE_URL: vendorUrl, OPENAI_BASE_URL: `${vendorUrl}/v1`, GOOGLE_GEMINI_BASE_URL: vendorUrl }
  const meter: Meter = {
    ask: async (call) => {
      asked.push(call)
      return grant
    },
    end: async (_, end) => {
      ended.push(end)
    },
  }
  const log = pino({ level: 'silent' })
  gateway = await openGateway({ token: TOKEN, env: { ...KEYS, ...urls }, meter, log, listen: { port: 0 } })
})
afterEach(async () => {
  await gateway.close()
  vendor.closeAllConnections()
  await new Promise((resolve) => vendor.close(resolve))
})

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}

const at = (path: string) => `http://127.0.0.1:${gateway.port}${path}`
const post = (path: string, body: object, headers: Record<string, string> = { 'x-api-key': TOKEN }) =>
  fetch(at(path), { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } })
const json = (response: ServerResponse, body: object, status = 200, headers = {}) =>
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
const sse = (events: object[]) => events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')

const MESSAGE = { model: 'a-model', max_tokens: 500, messages: [] }

describe('keys', () => {
  it.each([
    ['/v1/messages', { 'x-api-key': TOKEN }, 'x-api-key', 'real-anthropic', ''],
    ['/v1/messages', { authorization: `Bearer ${TOKEN}` }, 'x-api-key', 'real-anthropic', ''],
    ['/v1/responses', { authorization: `Bearer ${TOKEN}` }, 'authorization', 'Bearer real-openai', ''],
    ['/v1beta/models/a-model:generateContent', { 'x-goog-api-key': TOKEN }, 'x-goog-api-key', 'real-google', ''],
    ['/v1beta/models/a-model:generateContent', {}, 'x-goog-api-key', 'real-google', `?alt=sse&key=${TOKEN}`],
  ])('of the job is taken for %s in %j, and the vendor’s own goes out', async (path, given, name, value, query) => {
    answer = (_, response) => json(response, {})
    const headers = Object.fromEntries(
      Object.entries(given).flatMap(([key, text]) => (text === undefined ? [] : [[key, text]])),
    )
    expect((await post(`${path}${query}`, MESSAGE, { ...headers, cookie: 'x', 'x-forwarded-for': 'me' })).status).toBe(200)
    expect(seen[0]?.headers[name]).toBe(value)
    expect(JSON.stringify(seen)).not.toContain(TOKEN)
    expect(seen[0]?.headers).not.toHaveProperty('cookie')
    expect(seen[0]?.headers).not.toHaveProperty('x-forwarded-for')
    expect(seen[0]?.url).toBe(query === '' ? path : `${path}?alt=sse`)
  })

  it.each([{}, { 'x-api-key': 'another' }, { authorization: `Basic ${TOKEN}` }, { 'x-api-key': `${TOKEN}x` }])(
    'another one is refused before anything is read: %j',
    async (headers) => {
      const answered = await post('/v1/messages', MESSAGE, headers as Record<string, string>)
      expect(answered.status).toBe(401)
      expect([asked, seen]).toEqual([[], []])
    },
  )

  it('nothing of the vendor’s account comes back', async () => {
    const headers = { 'openai-organization': 'acme-secret', 'set-cookie': 'a=b', 'retry-after': '1', 'x-request-id': 'r' }
    answer = (_, response) => json(response, {}, 200, headers)
    const got = await post('/v1/messages', MESSAGE)
    expect(got.headers.get('openai-organization')).toBeNull()
    expect(got.headers.get('set-cookie')).toBeNull()
    expect(got.headers.get('x-request-id')).toBe('r')
  })
})

describe('what is passed on', () => {
  it.each([
    ['POST', '/v1/organizations/keys'],
    ['POST', '/v1/files'],
    ['GET', '/v1/messages'],
    ['DELETE', '/v1/models/x'],
    ['POST', '/v1/messages/../files'],
    ['POST', '/v1/messages/batches'],
    ['POST', '/v1beta/models/x:predict'],
    ['POST', '/v1beta/models/../../secret:generateContent'],
  ])('is not %s %s', async (method, path) => {
    const body = method === 'GET' ? null : JSON.stringify(MESSAGE)
    const got = await fetch(at(path), { method, body, headers: { 'x-api-key': TOKEN } })
    expect(got.status).toBe(404)
    expect(seen).toEqual([])
  })

  it('counting and listing is free, and not asked for', async () => {
    answer = (_, response) => json(response, { data: [] })
    expect((await post('/v1/messages/count_tokens', MESSAGE)).status).toBe(200)
    expect((await fetch(at('/v1/models'), { headers: { authorization: `Bearer ${TOKEN}` } })).status).toBe(200)
    expect([asked, ended]).toEqual([[], []])
  })

  it('a refusal of the app is told in the vendor’s words, and nothing goes out', async () => {
    grant = { ok: false, why: 'budget', message: 'The budget of this run is used up: $5.00 of $5.00.' }
    const got = await post('/v1/messages', MESSAGE)
    expect(got.status).toBe(403)
    expect(await got.json()).toEqual({ type: 'error', error: { type: 'permission_error', message: grant.message } })
    expect(got.headers.get('x-should-retry')).toBe('false')
    expect(seen).toEqual([])
  })
})

describe('[SPD-2] a call that has to wait until others have ended', () => {
  it('is asked for again, and goes out once it fits', async () => {
    answer = (_, response) => json(response, { fine: true })
    grant = { ok: false, why: 'wait', message: 'Others keep it free.' }
    const answered = post('/v1/messages', MESSAGE)
    await expect.poll(() => asked.length).toBe(1)
    expect(seen).toEqual([])
    grant = GRANT
    expect(await (await answered).json()).toEqual({ fine: true })
    expect(asked).toHaveLength(2)
  })

  it('is given up with its agent', async () => {
    grant = { ok: false, why: 'wait', message: 'Others keep it free.' }
    const away = new AbortController()
    const answered = fetch(at('/v1/messages'), {
      method: 'POST',
      body: JSON.stringify(MESSAGE),
      headers: { 'x-api-key': TOKEN },
      signal: away.signal,
    })
    await expect.poll(() => asked.length).toBe(1)
    away.abort()
    await expect(answered).rejects.toThrow()
    grant = GRANT
    await gateway.close()
    expect([asked.length, seen.length]).toEqual([1, 0])
  })
})

describe('[SPD-1] what was used', () => {
  const chat = { model: 'gpt', stream: true, messages: [] }
  const bearer = { authorization: `Bearer ${TOKEN}` }
  it.each([
    [
      'Anthropic, streamed',
      () => post('/v1/messages', { ...MESSAGE, stream: true }),
      sse([
        {
          type: 'message_start',
          message: {
            usage: { input_tokens: 100, cache_read_input_tokens: 50, cache_creation_input_tokens: 7, output_tokens: 1 },
          },
        },
        { type: 'content_block_delta', delta: { text: 'usage: {"output_tokens": 9999}' } },
        { type: 'message_delta', delta: {}, usage: { output_tokens: 20 } },
        { type: 'message_stop' },
      ]),
      { inputTokens: 100, outputTokens: 20, cacheReadTokens: 50, cacheWriteTokens: 7 },
      (100 + 200 + 5 + 14) / 1e6,
    ],
    [
      'Anthropic, whole',
      () => post('/v1/messages', MESSAGE),
      { usage: { input_tokens: 10, output_tokens: 2 } },
      { inputTokens: 10, outputTokens: 2 },
      30 / 1e6,
    ],
    [
      'OpenAI Responses',
      () => post('/v1/responses', { model: 'gpt', stream: true, input: 'x', max_output_tokens: 9 }, bearer),
      sse([
        { type: 'response.created', response: { usage: null } },
        {
          type: 'response.completed',
          response: { usage: { input_tokens: 30, output_tokens: 4, input_tokens_details: { cached_tokens: 20 } } },
        },
      ]),
      { inputTokens: 10, outputTokens: 4, cacheReadTokens: 20 },
      (10 + 40 + 2) / 1e6,
    ],
    [
      'OpenAI Chat',
      () => post('/v1/chat/completions', chat, bearer),
      `${sse([
        { choices: [{ delta: {} }], usage: null },
        { choices: [], usage: { prompt_tokens: 5, completion_tokens: 1 } },
      ])}data: [DONE]\n\n`,
      { inputTokens: 5, outputTokens: 1, cacheReadTokens: 0 },
      15 / 1e6,
    ],
    [
      'Google',
      () => post('/v1beta/models/gem:streamGenerateContent?alt=sse', {}, { 'x-goog-api-key': TOKEN }),
      sse([
        { usageMetadata: { promptTokenCount: 9 } },
        { usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 3, thoughtsTokenCount: 2, cachedContentTokenCount: 4 } },
      ]),
      { inputTokens: 5, outputTokens: 5, cacheReadTokens: 4 },
      (5 + 50 + 0.4) / 1e6,
    ],
  ])('is read from an answer of %s, which passes through untouched', async (_, call, body, usage, costUsd) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    answer = (_request, response) => {
      response.writeHead(200, {
        'content-type': typeof body === 'string' ? 'text/event-stream; charset=utf-8' : 'application/json',
      })
      // Torn anywhere, also within a character.
      for (let from = 0; from < text.length; from += 7) response.write(Buffer.from(text).subarray(from, from + 7))
      response.end(Buffer.from(text).subarray(Math.ceil(text.length / 7) * 7))
    }
    const got = await call()
    expect(await got.text()).toBe(text)
    await expect.poll(() => ended).toHaveLength(1)
    expect(ended[0]).toEqual({ usage, outcome: 'done' })
    expect(costOf(PRICE, usage)).toBeCloseTo(costUsd, 12)
  })

  it('is asked for where a streamed chat would not tell it', async () => {
    answer = (_, response) => json(response, {})
    await post('/v1/chat/completions', { ...chat, stream_options: { other: 1 } }, bearer)
    expect(JSON.parse(seen[0]?.body ?? '')).toMatchObject({ stream_options: { include_usage: true, other: 1 } })
  })

  it('is asked before: the model, the size, the most that may be written', async () => {
    answer = (_, response) => json(response, {})
    await post('/v1/messages', MESSAGE)
    expect(asked).toEqual([{ vendor: 'anthropic', model: 'a-model', requestBytes: expect.any(Number), maxOutputTokens: 500 }])
  })

  it('unknown stays unknown', async () => {
    answer = (_, response) => json(response, { content: [] })
    await (await post('/v1/messages', MESSAGE)).text()
    await expect.poll(() => ended).toEqual([{ usage: {}, outcome: 'done' }])
  })
})

describe('an answer', () => {
  it('comes through as it is written, without waiting for its end', async () => {
    let finish: () => void = () => undefined
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {"first":1}\n\n')
      finish = () => response.end('data: {"last":1}\n\n')
    }
    const got = await post('/v1/messages', { ...MESSAGE, stream: true })
    const reader = got.body?.getReader()
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('data: {"first":1}\n\n')
    finish()
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('data: {"last":1}\n\n')
  })

  it('is cut when it costs more than is left, and said so', async () => {
    grant = { ...GRANT, limitUsd: 0.001 } as ModelCallAnswer
    let closed = false
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.on('close', () => {
        closed = true
      })
      const more = () => {
        if (!closed)
          response.write(`data: ${JSON.stringify({ delta: { text: 'x'.repeat(500) } })}\n\n`, () => setImmediate(more))
      }
      more()
    }
    await expect(post('/v1/messages', { ...MESSAGE, stream: true }).then((got) => got.text())).rejects.toThrow()
    await expect.poll(() => ended[0]?.outcome).toBe('cut')
    await expect.poll(() => closed).toBe(true)
  })

  it('of an agent that went away ends at the vendor too, and is still accounted for', async () => {
    let closed = false
    answer = (_, response) => {
      response.on('close', () => {
        closed = true
      })
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(sse([{ type: 'message_start', message: { usage: { input_tokens: 100, output_tokens: 1 } } }]))
    }
    const away = new AbortController()
    const got = await fetch(at('/v1/messages'), {
      method: 'POST',
      body: JSON.stringify(MESSAGE),
      headers: { 'x-api-key': TOKEN },
      signal: away.signal,
    })
    await got.body?.getReader().read()
    away.abort()
    await expect.poll(() => closed).toBe(true)
    await expect.poll(() => ended).toEqual([{ usage: { inputTokens: 100, outputTokens: 1 }, outcome: 'gone' }])
  })
})

describe('what passes by itself', () => {
  it('is tried again until it is through, as the vendor says when', async () => {
    answer = (_, response, nth) =>
      nth < 2
        ? json(response, { error: 'busy' }, nth === 0 ? 429 : 529, { 'retry-after-ms': '5' })
        : json(response, { fine: true })
    expect(await (await post('/v1/messages', MESSAGE)).json()).toEqual({ fine: true })
    expect(seen).toHaveLength(3)
    expect(asked).toHaveLength(1)
  })

  it('is told to the agent when it does not, or would take too long', async () => {
    answer = (_, response) => json(response, { error: 'busy' }, 529, { 'retry-after-ms': '5' })
    expect((await post('/v1/messages', MESSAGE)).status).toBe(529)
    expect(seen).toHaveLength(5)
    seen = []
    answer = (_, response) => json(response, { error: 'busy' }, 429, { 'retry-after': '3600' })
    const got = await post('/v1/messages', MESSAGE)
    expect([got.status, got.headers.get('retry-after'), seen.length]).toEqual([429, '3600', 1])
  })

  it('is not a wrong request', async () => {
    answer = (_, response) => json(response, { error: 'no' }, 400)
    expect((await post('/v1/messages', MESSAGE)).status).toBe(400)
    expect(seen).toHaveLength(1)
  })
})

it('says which setting is missing where there is no key', async () => {
  await gateway.close()
  const meter: Meter = { ask: async () => GRANT, end: async () => undefined }
  gateway = await openGateway({ token: TOKEN, env: {}, meter, log: pino({ level: 'silent' }), listen: { port: 0 } })
  const got = await post('/v1/messages', MESSAGE)
  expect(got.status).toBe(403)
  expect(await got.text()).toContain('ANTHROPIC_API_KEY is not set')
})
