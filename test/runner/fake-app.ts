/** The app's internal API as far as a runner sees it, in memory, over real HTTP. */
import { createServer, type IncomingMessage } from 'node:http'
import { z } from 'zod'
import {
  HandBackRequest,
  ProgressRequest,
  ResultRequest,
  StartRequest,
  TokenEnd,
  TokenRequest,
} from '../../src/contract/api.ts'
import type { JobResult } from '../../src/contract/job.ts'
import { ModelCallEnd, ModelCallRequest } from '../../src/contract/model-call.ts'

export const FAKE_SECRET = 'a-secret-for-tests-only'

export interface FakeApp {
  readonly url: string
  readonly starts: string[]
  readonly tokens: z.infer<typeof TokenRequest>[]
  /** The tokens that were said to be used, in this order. */
  readonly ended: string[]
  readonly progress: z.infer<typeof ProgressRequest>[]
  readonly results: z.infer<typeof ResultRequest>[]
  readonly heartbeats: unknown[]
  /** The runners that gave the job back. */
  readonly handBacks: string[]
  readonly refusals: number[]
  /** Calls of models that were asked for, and how they ended. */
  readonly modelCalls: { readonly asked: z.infer<typeof ModelCallRequest>[]; readonly ended: z.infer<typeof ModelCallEnd>[] }
  /** The next ones are answered with these codes first. */
  failNext(endpoint: string, ...statuses: number[]): void
  /** With `keep` the work so far is wanted as a checkpoint. */
  cancel(reason: string, keep?: boolean): void
  /** Resolves when the app has taken a result. */
  result(): Promise<JobResult>
  /** Resolves as soon as what the app has heard passes. */
  heard(test: (app: FakeApp) => boolean): Promise<void>
  stop(): Promise<void>
}

/** Starts an app that lets the job start, and gives out `token` for every request, or what `token` answers. */
export async function startFakeApp(options: {
  token: string | ((request: z.infer<typeof TokenRequest>) => string | number)
}): Promise<FakeApp> {
  const failures = new Map<string, number[]>()
  const waiting = new Set<() => void>()
  const startsOf = new Map<string, number>()
  let cancelled: { cancel: string | null; keep: boolean } = { cancel: null, keep: false }
  const app: FakeApp = {
    url: '',
    starts: [],
    tokens: [],
    ended: [],
    progress: [],
    results: [],
    heartbeats: [],
    handBacks: [],
    refusals: [],
    modelCalls: { asked: [], ended: [] },
    failNext: (endpoint, ...statuses) => void failures.set(endpoint, [...(failures.get(endpoint) ?? []), ...statuses]),
    cancel(reason, keep = false) {
      cancelled = { cancel: reason, keep }
      tell()
    },
    async result() {
      await app.heard(() => app.results.length > 0)
      const last = app.results.at(-1)
      if (last === undefined) throw new Error('no result')
      return last.result
    },
    heard: (test) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!test(app)) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  function tell(): void {
    for (const look of [...waiting]) look()
  }
  async function answer(request: IncomingMessage): Promise<{ status: number; body?: unknown }> {
    if (request.headers.authorization !== `Bearer ${FAKE_SECRET}`)
      return { status: 401, body: { error: 'unauthorized', message: 'No.' } }
    const [job = '', endpoint = ''] = request.url?.split('?')[0]?.split('/').slice(-2) ?? []
    const body = request.method === 'POST' ? await json(request) : undefined
    const failure = failures.get(endpoint)?.shift()
    if (failure !== undefined) return { status: failure, body: { error: 'told-to', message: `Told to answer ${failure}.` } }
    switch (endpoint) {
      case 'heartbeat':
        app.heartbeats.push(body)
        return { status: 204 }
      case 'start':
        app.starts.push(StartRequest.parse(body).runner)
        startsOf.set(job, (startsOf.get(job) ?? 0) + 1)
        return { status: 200, body: { go: true, start: startsOf.get(job) } }
      case 'token': {
        const wanted = TokenRequest.parse(body)
        app.tokens.push(wanted)
        const token = typeof options.token === 'string' ? options.token : options.token(wanted)
        if (typeof token === 'number') return { status: token, body: { error: 'refused', message: 'No token.' } }
        return { status: 200, body: { token, expiresAt: new Date(Date.now() + 3_600_000).toISOString() } }
      }
      case 'token-end':
        app.ended.push(TokenEnd.parse(body).token)
        return { status: 204 }
      case 'model-call':
        app.modelCalls.asked.push(ModelCallRequest.parse(body))
        return { status: 200, body: { ok: true, call: `call-${app.modelCalls.asked.length}`, price: null, limitUsd: null } }
      case 'model-call-end':
        app.modelCalls.ended.push(ModelCallEnd.parse(body))
        return { status: 204 }
      case 'progress':
        app.progress.push(ProgressRequest.parse(body))
        return { status: 200, body: cancelled }
      case 'control':
        if (cancelled.cancel === null) {
          await new Promise<void>((resolve) => {
            const look = (): void => {
              if (cancelled.cancel !== null) resolve()
            }
            waiting.add(look)
            request.once('close', resolve)
          })
        }
        return { status: 200, body: cancelled }
      case 'hand-back':
        app.handBacks.push(HandBackRequest.parse(body).runner)
        return { status: 204 }
      case 'result':
        app.results.push(ResultRequest.parse(body))
        return { status: 204 }
      default:
        return { status: 404, body: { error: 'not-found', message: 'No such thing.' } }
    }
  }
  const server = createServer((request, response) => {
    answer(request).then(
      ({ status, body }) => {
        if (status >= 400) app.refusals.push(status)
        response.writeHead(status, { 'content-type': 'application/json' }).end(body === undefined ? '' : JSON.stringify(body))
        tell()
      },
      (error: unknown) => {
        app.refusals.push(422)
        response
          .writeHead(422, { 'content-type': 'application/json' })
          .end(JSON.stringify({ error: 'bad', message: String(error) }))
        tell()
      },
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = z.object({ port: z.number() }).parse(server.address())
  return Object.assign(app, { url: `http://127.0.0.1:${address.port}` })
}

async function json(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}
