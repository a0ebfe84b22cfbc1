/**
 * A fleet without GitHub's API: store, engine, queue on Redis and internal API as the app has them, repositories over
 * HTTP whose server knows which tokens are valid, and runners as processes of their own, each behind lines that can be cut.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import pino from 'pino'
import { z } from 'zod'
import { JobId, RunId } from '../../src/contract/ids.ts'
import type { JobSpec } from '../../src/contract/job.ts'
import { createEngine } from '../../src/engine/engine.ts'
import { sweepJobs } from '../../src/engine/sweep-jobs.ts'
import { createSpending } from '../../src/gateway/spending.ts'
import { openQueues, type Queues } from '../../src/queue/open-queue.ts'
import { getJob, insertJob } from '../../src/store/jobs.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { internalApi } from '../../src/web/internal/api.ts'
import { createJobTokens } from '../../src/web/internal/job-tokens.ts'
import { openBackend } from '../faults/backends.ts'
import { until } from '../faults/until.ts'
import { openWorkshop, type Step, type Workshop } from '../runner/workshop.ts'
import { CEILINGS } from '../support/ceilings.ts'
import { aRun, aStep } from '../support/core/build.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

const SECRET = 'a-secret-for-tests-only'
const RUNNER = fileURLToPath(new URL('../../runner/main.ts', import.meta.url))
const COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/switchyard/compiled', import.meta.url))
/** How long a step of a test may take on a busy machine, in ms; what is asked for is judged by the test. */
const PATIENCE_MS = 90_000
/** Each with a line to the app that every job knows as one of its hosts. */
const MOST_RUNNERS = 3

export interface YardRunner {
  pid: number
  dataDir: string
  lines: readonly string[]
  /** Its lines to the app and to Redis. */
  app: TcpProxy
  redis: TcpProxy
  signal(signal: NodeJS.Signals): void
  /** Code, or signal. */
  exited: Promise<number | string | null>
  logged(message: string): boolean
}

export interface Minted {
  job: JobId
  token: string
  operation: 'fetch' | 'push'
}

export interface Yard {
  shop: Workshop
  store: Store
  queues: Queues
  /** Every runner's line to the repositories. */
  git: TcpProxy
  minted: readonly Minted[]
  revoked: ReadonlySet<string>
  /** Paths that the app was asked for, with its answers. */
  asked: readonly { path: string; status: number }[]
  /** Called before the app answers; what it awaits is waited for. */
  before: { ask: (path: string) => Promise<void>; mint: (minted: Minted) => void }
  runner(env?: Record<string, string>): Promise<YardRunner>
  /** A run whose code job waits in the queue; the agent does what the script says. */
  job(script: readonly Step[], more?: JobOptions): Promise<JobId>
  sweep(jobLostAfterMs: number): Promise<number>
  started(job: JobId, start: number): Promise<{ runner: string; at: number }>
  over(job: JobId): Promise<NonNullable<Awaited<ReturnType<typeof getJob>>>>
  until(what: string, look: () => unknown): Promise<void>
  /** Starts and their times, from the app's log. */
  starts: readonly { job: string; runner: string; start: number; at: number }[]
  close(): Promise<void>
}

export interface JobOptions {
  repository?: string
  settings?: Record<string, unknown>
  limits?: Record<string, number>
}

/** Needs `DATABASE_URL` and `REDIS_URL`; has a database and a queue of its own there. */
export async function openYard(): Promise<Yard> {
  const revoked = new Set<string>()
  const minted: Minted[] = []
  const valid = (token: string) => minted.some((each) => each.token === token) && !revoked.has(token)
  const shop = await openWorkshop({ accepts: valid })
  const gitPort = Number(new URL(shop.server.url).port)
  const git = await startTcpProxy({ host: '127.0.0.1', port: gitPort })
  const silent = pino({ level: 'silent' })
  const backend = await openBackend('services', shop.dir)
  const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl = '', QUEUE_PREFIX: prefix = '' } = backend.env
  const store = await openStore({ databaseUrl, log: silent })
  const queues = await openQueues({ redisUrl, store, prefix, log: silent })
  const starts: { job: string; runner: string; start: number; at: number }[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => noteStart(line, starts) })
  const engine = createEngine({ store, queue: queues, now: Date.now, log: silent, showDelayMs: 0 })
  const since = Date.now()
  const asked: { path: string; status: number }[] = []
  const before: Yard['before'] = { ask: async () => undefined, mint: () => undefined }
  let asking: JobId | null = null
  const api = internalApi({
    store,
    engine,
    secret: SECRET,
    log,
    spending: createSpending({ db: store.db, prices: [], unpriced: 'allow', ceilings: CEILINGS, now: Date.now }),
    mintToken: async (_installation, _repository, operation) => {
      const one: Minted = {
        job: asking ?? JobId.parse('none-code-1'),
        token: `ghs_${randomBytes(8).toString('hex')}`,
        operation,
      }
      minted.push(one)
      before.mint(one)
      return { token: one.token, expiresAt: new Date(Date.now() + 3_600_000).toISOString() }
    },
    jobTokens: createJobTokens(async (token) => void revoked.add(token), log, Date.now),
  })
  const web = new Hono()
  web.use(async (context, next) => {
    await before.ask(context.req.path)
    if (context.req.path.endsWith('/token')) asking = JobId.parse(context.req.path.split('/').at(-2))
    await next()
    asked.push({ path: context.req.path, status: context.res.status })
  })
  web.route('/internal', api)
  const server = serve({ fetch: web.fetch, port: 0, hostname: '127.0.0.1' })
  await new Promise<void>((resolve) => server.once('listening', resolve))
  const address = server.address()
  const appPort = typeof address === 'object' && address !== null ? address.port : 0
  const redis = new URL(redisUrl)
  const children = new Set<ChildProcess>()
  const toApp = await Promise.all(
    Array.from({ length: MOST_RUNNERS }, () => startTcpProxy({ host: '127.0.0.1', port: appPort })),
  )
  const lines: TcpProxy[] = [git, ...toApp]
  let runs = 0
  let runners = 0

  function specOf(run: RunId, script: readonly Step[], { repository = 'acme/api', limits = {} }: JobOptions): JobSpec {
    const leg = shop.leg(repository, {
      cloneUrl: `http://127.0.0.1:${git.port}/${repository}.git`,
      workBranch: `switchyard/${run}`,
    })
    const allowedHosts = lines.map(({ port }) => `127.0.0.1:${port}`)
    return shop.spec([leg], script, { id: `${run}-code-1`, run, allowedHosts, limits: { killGraceMs: 300, ...limits } })
  }

  const yard: Yard = {
    shop,
    store,
    queues,
    git,
    minted,
    revoked,
    asked,
    before,
    starts,
    async runner(env = {}) {
      const app = toApp[runners]
      if (app === undefined) throw new Error(`a yard has ${MOST_RUNNERS} runners at most`)
      runners += 1
      const dataDir = path.join(shop.dir, `machine-${runners}`)
      const toRedis = await startTcpProxy({ host: redis.hostname, port: Number(redis.port || 6_379) })
      lines.push(toRedis)
      const own = new URL(redisUrl)
      own.host = `127.0.0.1:${toRedis.port}`
      const child = spawn(process.execPath, [RUNNER], {
        env: {
          PATH: process.env.PATH,
          NODE_COMPILE_CACHE: COMPILE_CACHE,
          APP_URL: `http://127.0.0.1:${app.port}`,
          RUNNER_SECRET: SECRET,
          REDIS_URL: own.href,
          QUEUE_PREFIX: prefix,
          DATA_DIR: dataDir,
          SANDBOX: 'off',
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      children.add(child)
      const said: string[] = []
      for (const stream of [child.stdout, child.stderr])
        createInterface({ input: stream }).on('line', (line) => said.push(line))
      const exited = new Promise<number | string | null>((resolve) =>
        child.once('exit', (code, signal) => resolve(code ?? signal)),
      )
      const logged = (message: string) => said.some((line) => line.includes(`"msg":"${message}"`))
      await yard.until(`the start of a runner\n${said.join('\n')}`, () => logged('runner started'))
      const signal = (name: NodeJS.Signals) => void child.kill(name)
      return { pid: child.pid ?? 0, dataDir, lines: said, app, redis: toRedis, signal, exited, logged }
    },
    async job(script, more = {}) {
      runs += 1
      const id = RunId.parse(`fleet${runs}`)
      const settings = more.settings ?? {}
      const repositoryId = z.int().parse(shop.leg(more.repository ?? 'acme/api').repositoryId)
      const run = aRun({ id, steps: [aStep('agent', 'code')], settings, task: { number: runs, repositoryId } })
      await engine.create(run, { priority: false, text: '' })
      await engine.apply(id, 'admit', { type: 'run.admitted' })
      const spec = specOf(id, script, more)
      await insertJob(store.db, spec)
      await queues.addJob(spec, (await getJob(store.db, spec.id))?.turn ?? 1)
      return spec.id
    },
    sweep: (jobLostAfterMs) => sweepJobs({ store, engine, queue: queues, jobLostAfterMs, now: Date.now, log: silent }, since),
    async started(job, start) {
      return until(
        () => `start ${start} of ${job}: ${JSON.stringify(starts)}`,
        PATIENCE_MS,
        () => starts.find((each) => each.job === job && each.start === start),
      )
    },
    async over(job) {
      return until(
        () => `the end of ${job}: ${JSON.stringify(asked.slice(-10))}`,
        PATIENCE_MS,
        async () => {
          const found = await getJob(store.db, job)
          return found?.state === 'over' && found
        },
      )
    },
    async until(what, look) {
      await until(
        () => what,
        PATIENCE_MS,
        async () => Boolean(await look()),
      )
    },
    async close() {
      for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await Promise.all(lines.map((line) => line.stop()))
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      })
      await queues.close(true)
      await store.close()
      await backend.remove()
      await shop.close()
    },
  }
  return yard
}

function noteStart(line: string, starts: { job: string; runner: string; start: number; at: number }[]): void {
  const { msg, job, runner, start, time } = JSON.parse(line)
  if (msg === 'Job started') starts.push({ job, runner, start, at: time })
}
