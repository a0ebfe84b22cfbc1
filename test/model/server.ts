/**
 * A scripted model on loopback: it answers like a vendor's API, by a script instead of by thinking, and misbehaves on
 * request. The path of a request tells its wire format (`formats.ts`), its tools tell the agent that asks (`dialects.ts`).
 */
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dialectOf } from './dialects.ts'
import { FORMATS } from './formats.ts'
import { misbehave } from './misbehave.ts'
import type { Intent, ModelRequest, Reply, Script, Tokens, Turn, WireFormat } from './script.ts'

/** What is spoilt when the model misbehaves: no last word, so that whoever overlooks the fault has a reason to go on. */
const SPOILT = { say: 'Well,', tools: [{ do: 'run' as const, command: 'true' }] }
const DEFAULT_TOKENS: Tokens = { input: 100, output: 20, cacheRead: 10 }

/** A request as it came. `nth` counts those that took a turn of the script, from 0; others have null. */
export interface LoggedRequest {
  method: string
  path: string
  headers: IncomingMessage['headers']
  /** The body as it came. */
  body: string
  request: ModelRequest | null
  nth: number | null
}

export interface ScriptedModel {
  /** The address to give to an agent, without a path. */
  url: string
  log: LoggedRequest[]
  /** The requests that took a turn of the script. */
  turns(): ModelRequest[]
  /** Resolves when the script's nth turn (from 0) was asked for. */
  asked(nth: number): Promise<ModelRequest>
  close(): Promise<void>
}

export interface ModelOptions {
  script: Script
  port?: number
}

/** Starts a scripted model. After its last turn it says that it is done. */
export async function startModel(options: ModelOptions): Promise<ScriptedModel> {
  const log: LoggedRequest[] = []
  const waiting: { nth: number; resolve: (request: ModelRequest) => void }[] = []
  let next = 0

  function turnFor(request: ModelRequest): Turn {
    const nth = next++
    for (const waiter of waiting) if (waiter.nth === nth) waiter.resolve(request)
    if (typeof options.script === 'function') return options.script(request, nth)
    const last = options.script.at(-1)
    if (nth >= options.script.length && last !== undefined && 'endless' in last) return last
    return options.script[nth] ?? { say: 'Done.' }
  }

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = incoming.method ?? 'GET'
    const path = incoming.url ?? '/'
    const entry: LoggedRequest = { method, path, headers: incoming.headers, body: '', request: null, nth: null }
    log.push(entry)
    const body = await bodyOf(incoming)
    entry.body = body
    const format = FORMATS.find((candidate) => candidate.route(method, path) !== null)
    if (format === undefined) return json(response, 404, { error: { message: `no such path: ${path}` } })
    const request = format.read(path, JSON.parse(body))
    entry.request = request
    if (format.route(method, path) === 'count') return json(response, 200, format.count?.(request) ?? {})
    // Agents ask aside for a title or a summary, without their tools: that is no turn of the script.
    if (request.tools.length === 0) return send(response, format, request, replyOf({ say: 'ok' }, request))
    entry.nth = next
    const turn = turnFor(request)
    if ('misbehave' in turn) return misbehave(response, format, request, replyOf(SPOILT, request), turn.misbehave)
    return send(response, format, request, replyOf('endless' in turn ? { say: '', tools: [turn.endless] } : turn, request))
  }

  const server = createServer((incoming, response) => {
    answer(incoming, response).catch((error: unknown) => {
      // A mistake of the test, and no status that an agent would try again on.
      if (!response.headersSent) json(response, 400, { error: { message: String(error) } })
      else response.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    log,
    turns: () => log.flatMap(({ request, nth }) => (request !== null && nth !== null ? [request] : [])),
    asked(nth) {
      const earlier = log.find((entry) => entry.nth === nth)?.request
      if (earlier) return Promise.resolve(earlier)
      return new Promise((resolve) => waiting.push({ nth, resolve }))
    },
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** Ids are random, so that none comes twice, over restarts of the model too: agents drop what they have seen before. */
function replyOf(turn: { say: string; tools?: Intent[]; tokens?: Tokens }, { tools }: ModelRequest): Reply {
  const calls = (turn.tools ?? []).flatMap((intent) => dialectOf(tools).calls(intent, tools))
  return {
    id: `msg_${randomUUID().replaceAll('-', '')}`,
    text: turn.say,
    calls: calls.map((call) => ({ id: `toolu_${randomUUID().replaceAll('-', '')}`, ...call })),
    tokens: turn.tokens ?? DEFAULT_TOKENS,
  }
}

function send(response: ServerResponse, format: WireFormat, request: ModelRequest, reply: Reply): void {
  if (!request.stream) {
    json(response, 200, format.whole(reply, request))
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.end(format.frames(reply, request).join(''))
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
