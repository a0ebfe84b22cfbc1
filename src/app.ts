/** The app: builds its parts and wires them; nothing else. */
import { randomBytes } from 'node:crypto'
import { Hono } from 'hono'
import type { Logger } from 'pino'
import type { Environment } from './config/environment.ts'
import type { QueueAccess } from './contract/queue.ts'
import { createRedactor } from './contract/redact.ts'
import { VERSION } from './contract/version.ts'
import { effectHandlers } from './effects/handlers.ts'
import { createPostNotice } from './effects/post-notice.ts'
import { createProbe } from './effects/probe.ts'
import { createLiveScripts } from './effects/workflow/live-scripts.ts'
import { createScriptOpener } from './effects/workflow/open-script.ts'
import { createEffectRunner } from './engine/effects.ts'
import { createEngine } from './engine/engine.ts'
import { createSweeps } from './engine/sweeps.ts'
import { fireTimer } from './engine/timers.ts'
import { createSpending } from './gateway/spending.ts'
import { createGitHub } from './github/client.ts'
import { mintToken, revokeToken } from './github/tokens.ts'
import type { WriteCount } from './github/writes.ts'
import { openQueues } from './queue/open-queue.ts'
import { loadRoles } from './roles/load-roles.ts'
import { listDeliveries } from './store/deliveries.ts'
import { extendBlock, readBlock } from './store/github-blocks.ts'
import { createLeases } from './store/leases.ts'
import { openStore } from './store/open-store.ts'
import type { Store } from './store/store.ts'
import { createDeliveryStore } from './store/store-delivery.ts'
import { takeUp } from './take-up.ts'
import { dashboard } from './web/dashboard/dashboard.ts'
import { health } from './web/health.ts'
import { internalApi } from './web/internal/api.ts'
import { createJobTokens } from './web/internal/job-tokens.ts'
import { startServer } from './web/server.ts'
import type { Intake } from './webhooks/handle/intake.ts'
import { processDelivery } from './webhooks/handle/process-delivery.ts'
import { atNextLull, createLull } from './webhooks/lull.ts'
import { isOwnEvent } from './webhooks/own-events.ts'
import { createReceiver } from './webhooks/receive.ts'
import { createReconciler, sharesOf } from './webhooks/reconcile/reconcile.ts'
import { createMissedSweep, redeliverMissed } from './webhooks/redeliver-missed.ts'
import { createScheduleSweep } from './webhooks/schedules/sweep.ts'

/** How many of each kind of work one app does at the same time. */
const CONCURRENCY = { deliveries: 4, effects: 8, wake: 2 } as const
/** Bytes of a secret that the app makes for a runner in its own process. */
const SECRET_BYTES = 32

export interface AppOptions {
  environment: Environment
  log: Logger
  /** The clock, in ms since the epoch; tests put it forward. */
  now?: () => number
}

export interface RunningApp {
  /** Where runners reach the app, in this machine. */
  localUrl: string
  port: number
  secret: string
  queue: QueueAccess
  /** Where the runs are, for whoever watches them in this process. */
  store: Store
  /** Mutating requests made to GitHub since the start. */
  githubWrites(): WriteCount
  stop(): Promise<void>
}

/** Starts the app: opens store and queues, connects to GitHub, takes up what a crash left, and listens. */
export async function startApp({ environment, log, now = Date.now }: AppOptions): Promise<RunningApp> {
  const { app, server, github: address, sweeps: intervals } = environment
  const secret = environment.runner.secret ?? randomBytes(SECRET_BYTES).toString('hex')
  const { notifyWebhookUrl: notifyUrl, allowPrivateProbes: allowPrivate } = environment
  const redactor = createRedactor([app.privateKey, app.webhookSecret, secret, ...(notifyUrl === null ? [] : [notifyUrl])])

  const store = await openStore({ databaseUrl: environment.databaseUrl ?? undefined, dataDir: environment.dataDir, log })
  const queues = await openQueues({ redisUrl: environment.redisUrl ?? undefined, store, prefix: environment.queuePrefix, log })
  const github = await createGitHub({
    appId: app.id,
    privateKey: app.privateKey,
    apiUrl: address.apiUrl,
    webhookSecret: app.webhookSecret,
    pacing: { writeMs: address.writeIntervalMs, commentMs: address.commentIntervalMs },
    blocks: {
      read: (installationId, at) => readBlock(store.db, installationId, at),
      extend: (installationId, until, at) => extendBlock(store.db, installationId, until, at),
    },
    log,
  })
  const identity = await github.identity()
  const roles = await loadRoles()

  const sweepNames = {
    outbox: intervals.outboxMs,
    deliveries: intervals.deliveriesMs,
    jobs: intervals.jobsMs,
    timers: intervals.timersMs,
    admission: intervals.admissionMs,
    schedules: intervals.schedulesMs,
    money: intervals.moneyMs,
    missed: intervals.missedDeliveriesMs,
    ...(intervals.reconcileMs === 0 ? {} : { reconcile: sharesOf(intervals.reconcileMs).everyMs }),
  }
  const engine = createEngine({ store, queue: queues, now, log, showDelayMs: environment.debounceMs })
  const sweeps = createSweeps({
    store,
    engine,
    queue: queues,
    limits: environment.limits,
    money: { prices: environment.models.prices, ceilings: environment.budgets },
    jobLostAfterMs: intervals.jobLostAfterMs,
    now,
    log,
  })
  // The dashboard is for this machine only: where others read the comments, a link to it would lead nowhere.
  const runUrl = (run: string) => (isLoopback(server.url) ? `${server.url}/runs/${run}` : null)
  const { workflows } = environment
  const liveScripts = createLiveScripts({ kept: workflows.scriptsKept, idleMs: workflows.scriptIdleMs })
  const openScript = createScriptOpener(workflows.script)
  const handlers = effectHandlers({
    store,
    github,
    identity,
    redactor,
    log,
    now,
    roles,
    serverUrl: address.serverUrl,
    runUrl,
    addJob: queues.addJob,
    probe: createProbe({ allowPrivate }),
    postNotice: notifyUrl === null ? null : createPostNotice({ url: notifyUrl, allowPrivate }),
    removeJob: async (job) => {
      await queues.removeJob(job)
    },
    allowedHosts: hostsOf([address.serverUrl, address.apiUrl, server.url, `http://127.0.0.1:${server.port}`]),
    author: { name: identity.botLogin, email: `${identity.botId}+${identity.botLogin}@users.noreply.github.com` },
    makeNonce: () => randomBytes(SECRET_BYTES).toString('hex'),
    liveScripts,
    openScript,
    knownRoles: new Set(roles.byName.keys()),
    callsAtOnce: workflows.callsAtOnce,
  })
  const leases = createLeases(store)
  const effects = createEffectRunner({
    store,
    engine,
    handlers,
    queue: queues,
    blocked: github.blocked,
    now,
    log,
    withLease: leases.withLease,
  })
  const deployment = environment
  const intake: Intake = { store, engine, github, identity, deployment, redactor, openScript, log, now, startedAt: now() }

  const process = async (delivery: string, last: boolean): Promise<void> => {
    const blockedUntil = await processDelivery(intake, delivery, last)
    if (blockedUntil !== null) await queues.addDelivery(delivery, blockedUntil)
  }

  const closing = new AbortController()
  const pages = new Hono()
  pages.route('/', health({ store, queues, version: VERSION, now, log, writes: () => github.writes.all() }))
  pages.route(
    '/internal',
    internalApi({
      store,
      engine,
      secret,
      log,
      mintToken: (installationId, repositoryId, operation) =>
        mintToken(github.app, { installationId, repositoryId, contents: operation === 'push' ? 'write' : 'read' }),
      spending: createSpending({ db: store.db, ...environment.models, ceilings: environment.budgets, now }),
      jobTokens: createJobTokens((token) => revokeToken(github.withToken, token), log, now),
    }),
  )
  pages.route('/', dashboard({ store, serverUrl: address.serverUrl, version: VERSION, now, log, signal: closing.signal }))
  const lull = createLull()
  const receiver = createReceiver({
    verify: (body, signature) => github.probot.webhooks.verify(body, signature),
    store: createDeliveryStore(store.db),
    nudge: atNextLull(lull, queues.addDeliveries),
    isOwn: (event, payload) => isOwnEvent(event, payload, identity),
    arrived: lull.arrived,
    log,
  })
  const [lastDelivery] = await listDeliveries(store.db, { limit: 1 })
  const web = await startServer({ host: server.host, port: server.port, receiver, pages })

  const sweepsByName = new Map<string, () => Promise<number>>([
    ...Object.entries(sweeps),
    ['missed', createMissedSweep(github.app, now)],
    ['schedules', createScheduleSweep(intake, leases)],
  ])
  const reconciler = intervals.reconcileMs === 0 ? null : createReconciler(intake, intervals.reconcileMs)
  if (reconciler !== null) sweepsByName.set('reconcile', reconciler.sweep)
  queues.createWorker('deliveries', ({ delivery }, { last }) => process(delivery, last), {
    concurrency: CONCURRENCY.deliveries,
  })
  queues.createWorker(
    'effects',
    async ({ effect }) => {
      const outcome = await effects.run(effect)
      if (outcome.kind === 'again') throw new Error(outcome.failure.message)
    },
    { concurrency: CONCURRENCY.effects },
  )
  queues.createWorker(
    'wake',
    async (wake) => {
      if (wake.kind === 'timer') await fireTimer(store, engine, { runId: wake.runId, id: wake.id, dueAt: wake.dueAt })
      else await sweepsByName.get(wake.name)?.()
    },
    { concurrency: CONCURRENCY.wake },
  )
  await queues.setSweeps(sweepNames)
  const takenUp = takeUp({
    store,
    sweeps,
    effects,
    process: (delivery) => process(delivery, false),
    redeliverMissed: () => redeliverMissed({ app: github.app, lastReceivedAt: lastDelivery?.receivedAt ?? null, now: now() }),
    reconcile: async () => reconciler?.all() ?? 0,
    now,
    log,
  })
  log.info({ port: web.port, store: store.kind, queue: queues.kind, app: identity.slug }, 'App started')

  return {
    localUrl: `http://127.0.0.1:${web.port}`,
    port: web.port,
    secret,
    queue: queues.access,
    store,
    githubWrites: () => github.writes.all(),
    async stop() {
      closing.abort()
      await takenUp
      await web.close()
      await queues.close()
      await liveScripts.close()
      await github.close()
      await leases.close()
      await store.close()
      log.info({}, 'App stopped')
    },
  }
}

/** The hosts (with their ports) of these addresses. */
function hostsOf(addresses: readonly string[]): string[] {
  return [...new Set(addresses.map((address) => new URL(address).host))]
}

function isLoopback(address: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(address).hostname)
}
