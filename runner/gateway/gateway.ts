/**
 * The model as an agent sees it: one server per job, on the loopback of its sandbox or of this machine, that takes the job's
 * own token and passes on what costs money only after it was asked for. The vendors' keys and addresses are known here and
 * nowhere the agent could look. Answers are passed through as they come.
 */
import { timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { Log } from '../log.ts'
import { anthropic } from './anthropic.ts'
import { type Call, callUpstream } from './call-upstream.ts'
import { google } from './google.ts'
import type { Meter } from './meter.ts'
import { openai } from './openai.ts'
import { refuse } from './refuse.ts'
import { createRequestBodies } from './request-bodies.ts'
import type { Wire } from './wire.ts'

/** Every wire that the gateway speaks; a request belongs to the first one that knows its path. */
const WIRES: readonly Wire[] = [anthropic, openai, google]

/** Largest request, in bytes: a context of a million tokens with pictures; and four such at the same time. */
const BODY_MAX_BYTES = 67_108_864
const BODIES_MAX_BYTES = 4 * BODY_MAX_BYTES
/** Most connections of one job at the same time: an agent and its helpers need a handful, and all jobs share the runner's files. */
const CONNECTIONS_MAX = 128

export interface GatewayOptions {
  /** The job's own token, made for it; the agent presents it as its key. */
  readonly token: string
  /** The runner's environment: keys and addresses of the vendors. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly meter: Meter
  readonly log: Log
  /** Where to listen: a unix socket, or a port of this machine's loopback. */
  readonly listen: { readonly socket: string } | { readonly port: number }
}

/** How long a closing gateway waits until the app has taken what its last calls used, in ms. */
const CLOSE_MS = 10_000

/** An open gateway. */
export interface Gateway {
  /** The port, where it listens on one. */
  readonly port: number | null
  /** Ends every call that is under way, and listens no more. */
  close(): Promise<void>
}

/** Opens the gateway of a job. Throws where it cannot listen. */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const closing = new AbortController()
  const serving = new Set<Promise<void>>()
  const bodyOf = createRequestBodies({ each: BODY_MAX_BYTES, together: BODIES_MAX_BYTES })
  const server = createServer((request, response) => {
    const served = serve(options, bodyOf, closing.signal, request, response).catch((error: unknown) => {
      if (!closing.signal.aborted && !response.destroyed) options.log.warn({ error }, 'model call failed')
      if (response.headersSent) response.destroy()
      else refuse(response, anthropic, 502, 'The model gateway could not pass this on.')
    })
    serving.add(served)
    void served.then(() => serving.delete(served))
  })
  // Node's own limits hold for the request. An answer has none: a model thinks for long, and only the job's watchdogs end it.
  server.maxConnections = CONNECTIONS_MAX
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    if ('socket' in options.listen) server.listen(options.listen.socket, resolve)
    else server.listen(options.listen.port, '127.0.0.1', resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : null,
    async close() {
      closing.abort()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      // What a call used is told also of one that was broken off; an app that is away is not waited for without end.
      await Promise.race([Promise.all(serving), wait(CLOSE_MS, undefined, { ref: false })])
    },
  }
}

async function serve(
  options: GatewayOptions,
  bodyOf: ReturnType<typeof createRequestBodies>,
  closing: AbortSignal,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://gateway')
  const wire = WIRES.find((each) => presents(options.token, each.presented(request.headers, url.searchParams)))
  if (wire === undefined) return refuse(response, anthropic, 401, 'This is not the token of the job that the gateway is for.')
  const received = await bodyOf(request, response)
  if ('over' in received) {
    if (received.over === 'each') return refuse(response, wire, 413, `A request may have ${BODY_MAX_BYTES} bytes at most.`)
    return refuse(
      response,
      wire,
      503,
      `The requests of a job may have ${BODIES_MAX_BYTES} bytes together. Ask again when others have ended.`,
    )
  }
  const body = parsed(received.raw)
  const path = url.pathname.replace(/\/{2,}/g, '/')
  const known = WIRES.flatMap((each) => {
    const asked = each.read(request.method ?? 'GET', path, body)
    return asked === null ? [] : [{ wire: each, asked }]
  })[0]
  if (known === undefined) return refuse(response, wire, 404, `The model gateway does not pass on ${request.method} ${path}.`)
  const key = options.env[known.wire.keyVariable]
  if (key === undefined || key === '') {
    return refuse(response, known.wire, 403, `${known.wire.keyVariable} is not set in the environment of the runner.`)
  }
  const call: Call = {
    ...known,
    key,
    path,
    query: url.searchParams,
    body,
    headers: request.headers,
    method: request.method ?? 'GET',
  }
  await callUpstream(options, call, closing, response)
}

/** Constant in time for tokens of the right length, whatever they say. */
function presents(token: string, presented: string | null): boolean {
  if (presented === null) return false
  const [a, b] = [Buffer.from(token), Buffer.from(presented)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function parsed(raw: Buffer): unknown {
  try {
    return raw.length === 0 ? null : JSON.parse(raw.toString('utf8'))
  } catch {
    return undefined
  }
}
