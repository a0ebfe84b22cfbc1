/** One call: asked for, passed on, tried again while nothing of an answer has come, metered, and ended when it costs too much. */
import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp, type ServerResponse } from 'node:http'
import { request as requestHttps } from 'node:https'
import { setTimeout as wait } from 'node:timers/promises'
import { costOf, type ModelCallAnswer } from '../../src/contract/model-call.ts'
import type { Log } from '../log.ts'
import type { CallEnd, CallRequest, Meter } from './meter.ts'
import { refuse } from './refuse.ts'
import { usageReader } from './usage-reader.ts'
import type { Asked, Wire } from './wire.ts'

/** How often a call is tried again that the vendor turned away: rate limits and overload pass. */
const RETRIES = 4
/** Longest wait before another try, in ms; a vendor that asks for more is believed by telling the agent. */
const RETRY_MAX_MS = 30_000
/** First wait without a word of the vendor, in ms; it doubles. */
const RETRY_FIRST_MS = 1_000
/** Answers that may be better the next time. */
const PASSING = new Set([408, 409, 429, 500, 502, 503, 504, 529])
/** How long before it is asked again for a call that waits until others have ended, in ms. */
const ASK_AGAIN_MS = 500
/** Headers of the agent that are passed on. Its key is not among them, nor anything that tells of this machine. */
const PASSED = /^(?:accept|content-type|user-agent|anthropic-|openai-beta|x-goog-api-client|x-stainless-)/

export interface Call {
  readonly wire: Wire
  readonly asked: Asked
  readonly key: string
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
}

interface Options {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly meter: Meter
  readonly log: Log
}

/** Carries out one call and answers it. */
export async function callUpstream(
  options: Options,
  call: Call,
  closing: AbortSignal,
  response: ServerResponse,
): Promise<void> {
  const body = call.body === null ? null : Buffer.from(JSON.stringify(call.wire.prepare(call.asked, call.path, call.body)))
  const left = new AbortController()
  response.once('close', () => left.abort())
  const stop = AbortSignal.any([closing, left.signal])
  if (call.asked.purpose !== 'generate' || call.asked.model === null) {
    await passOn(call, await tryUpstream(options, call, body, stop), response, {
      ok: true,
      call: '',
      price: null,
      limitUsd: null,
    })
    return
  }
  const request = {
    vendor: call.wire.vendor,
    model: call.asked.model,
    requestBytes: body?.length ?? 0,
    maxOutputTokens: call.asked.maxOutputTokens,
  }
  const grant = await askUntilDecided(options.meter, request, stop)
  if (!grant.ok) return refuse(response, call.wire, grant.why === 'model' ? 404 : 403, grant.message)
  let end: CallEnd = { usage: {}, outcome: 'failed' }
  try {
    end = await passOn(call, await tryUpstream(options, call, body, stop), response, grant)
  } finally {
    await options.meter.end(grant.call, end)
  }
}

/** What calls that are under way keep free comes back with their end: until then this one waits, as for a slow model. */
async function askUntilDecided(meter: Meter, request: CallRequest, stop: AbortSignal): Promise<ModelCallAnswer> {
  for (;;) {
    const answer = await meter.ask(request)
    if (answer.ok || answer.why !== 'wait') return answer
    await wait(ASK_AGAIN_MS, undefined, { signal: stop })
  }
}

/** Sends the request until an answer comes that is to be passed on. */
async function tryUpstream(options: Options, call: Call, body: Buffer | null, stop: AbortSignal): Promise<IncomingMessage> {
  for (let attempt = 0; ; attempt += 1) {
    const answer = await send(options, call, body, stop).catch((error: unknown) => {
      if (attempt >= RETRIES || stop.aborted) throw error
      return null
    })
    const status = answer?.statusCode ?? 0
    if (answer !== null && (!PASSING.has(status) || attempt >= RETRIES)) return answer
    const ms = delayOf(answer, attempt)
    if (answer !== null && ms > RETRY_MAX_MS) return answer
    answer?.resume()
    options.log.info({ vendor: call.wire.vendor, status, attempt, ms }, 'model call is tried again')
    await wait(Math.min(ms, RETRY_MAX_MS), undefined, { signal: stop })
  }
}

/** How long to wait, in ms: as long as the vendor says, else twice as long each time. */
function delayOf(answer: IncomingMessage | null, attempt: number): number {
  const ms = Number(answer?.headers['retry-after-ms'])
  if (Number.isFinite(ms) && ms > 0) return ms
  const seconds = Number(answer?.headers['retry-after'])
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : RETRY_FIRST_MS * 2 ** attempt
}

function send(options: Options, call: Call, body: Buffer | null, signal: AbortSignal): Promise<IncomingMessage> {
  const { wire, method } = call
  const base = (options.env[wire.urlVariable] ?? wire.defaultUrl).replace(/\/+$/, '').replace(/\/v1$/, '')
  const url = new URL(`${base}${call.path}`)
  // Google's clients may present the job's token here.
  for (const [name, value] of call.query) if (name !== 'key') url.searchParams.append(name, value)
  const passed = Object.entries(call.headers).filter(([name]) => PASSED.test(name))
  const headers = {
    ...Object.fromEntries(passed),
    // The usage is read as it passes by: not in a compressed form.
    'accept-encoding': 'identity',
    ...(body === null ? {} : { 'content-length': String(body.length) }),
    ...wire.authorise(call.key),
  }
  const start = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const sent = start(url, { method, headers, signal }, resolve)
    sent.once('error', reject)
    sent.end(body ?? undefined)
  })
}

/** Passes an answer through as it comes, and reads from it what was used. */
function passOn(
  { wire }: Call,
  answer: IncomingMessage,
  response: ServerResponse,
  grant: Extract<ModelCallAnswer, { ok: true }>,
): Promise<CallEnd> {
  const { price, limitUsd } = grant
  const reader = usageReader(wire, answer.headers['content-type'] ?? '')
  response.writeHead(answer.statusCode ?? 502, passedBack(answer.headers))
  let cut = false
  const overLimit = (): boolean => {
    // A whole answer is paid for when it comes.
    if (price === null || limitUsd === null || !reader.streamed) return false
    return costOf(price, { ...reader.usage(), outputTokens: reader.written() }) > limitUsd
  }
  return new Promise((resolve) => {
    const end = (outcome: CallEnd['outcome']): void => {
      const usage = reader.usage()
      const broken = (outcome === 'gone' || outcome === 'cut') && Object.keys(usage).length > 0
      // The vendor's last word, with the number of tokens, never came: what was written counts all the same.
      resolve({ usage: broken ? { ...usage, outputTokens: reader.written() } : usage, outcome })
    }
    answer.on('data', (chunk: Buffer) => {
      reader.push(chunk)
      if (!response.write(chunk)) {
        answer.pause()
        response.once('drain', () => answer.resume())
      }
      if (!cut && overLimit()) {
        cut = true
        answer.destroy()
        response.destroy()
      }
    })
    answer.once('end', () => {
      response.end()
      end((answer.statusCode ?? 500) < 400 ? 'done' : 'failed')
    })
    answer.once('error', () => {
      response.destroy()
      end(cut ? 'cut' : 'gone')
    })
    answer.once('close', () => end(cut ? 'cut' : 'gone'))
  })
}

/** What of the vendor's headers an agent may see: nothing of accounts and organisations. */
function passedBack(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const shown =
    /^(?:content-type|retry-after|retry-after-ms|x-should-retry|request-id|x-request-id|anthropic-ratelimit-|x-ratelimit-)/
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value !== undefined && shown.test(name) ? [[name, value]] : [])),
  )
}
