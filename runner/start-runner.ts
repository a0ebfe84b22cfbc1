import { randomBytes } from 'node:crypto'
import { mkdir, realpath } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { type Job, UnrecoverableError, Worker } from 'bullmq'
import { JOBS_QUEUE } from '../src/contract/api.ts'
import { JobId } from '../src/contract/ids.ts'
import { DEFAULT_MIRRORS_MAX_BYTES } from '../src/contract/mirror-limits.ts'
import { type QueueAccess, WORKER_OPTIONS } from '../src/contract/queue.ts'
import { createRedactor } from '../src/contract/redact.ts'
import type { SandboxSettings } from '../src/contract/sandbox.ts'
import { DEFAULT_USE_LIMITS, type UseLimits } from '../src/contract/use-limits.ts'
import { VERSION } from '../src/contract/version.ts'
import type { Runtime } from './agents/runtime.ts'
import { createAppClient } from './app-client.ts'
import { type Clock, systemClock } from './clock.ts'
import { prepareGitHome } from './git/git-environment.ts'
import { createGit } from './git/run-git.ts'
import { conclude, handBackTime } from './hand-back.ts'
import { startHeartbeat } from './heartbeat.ts'
import { startHousekeeping } from './housekeeping.ts'
import { runJob } from './job.ts'
import type { JobDeps } from './job-deps.ts'
import { createJobStop, type JobStop } from './job-stop.ts'
import { createLauncher } from './launch/launcher.ts'
import type { Log } from './log.ts'
import { ownSecrets } from './own-secrets.ts'
import { readRegistries } from './package-registries.ts'
import { openRunnerSandbox, stateOf } from './sandbox/runner-sandbox.ts'
import { canCount } from './use/disk-use.ts'
import { createUseWatch } from './use/use-watch.ts'
import { jobMark } from './watch/process-tree.ts'
import { createLocks } from './workspace/locks.ts'

export interface RunnerOptions {
  readonly appUrl: string
  readonly secret: string
  readonly queue: QueueAccess
  readonly concurrency: number
  readonly dataDir: string
  readonly runtimes: ReadonlyMap<string, Runtime>
  readonly log: Log
  /** Hosts that this runner lets its jobs reach, whatever a job says; absent: the job's list alone. */
  readonly allowedHosts?: readonly string[]
  /** How much all mirrors may take together, in bytes. */
  readonly mirrorsMaxBytes?: number
  /** What one job may use in sum. */
  readonly useLimits?: UseLimits
  /** How long a transfer of git's may bring nothing, in seconds. */
  readonly gitStallSeconds?: number
  /** Unique among the runners; made from the host's name where it is absent. */
  readonly name?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly clock?: Clock
  /** Where its jobs' programs run. */
  readonly sandbox: SandboxSettings
  /** Values that are never to be shown or pushed, beside those of the environment. */
  readonly secrets?: readonly string[]
}

export interface RunningRunner {
  readonly name: string
  /** The jobs it works on at the moment. */
  active(): string[]
  /** No new jobs; the running ones push what they have and are handed back, within 20 s. */
  stop(): Promise<void>
}

/** Starts a runner: a worker on the queue of jobs, and its heartbeat. */
export async function startRunner(options: RunnerOptions): Promise<RunningRunner> {
  const { log, concurrency } = options
  const clock = options.clock ?? systemClock
  // Jobs have users of their own, who pass through.
  await mkdir(options.dataDir, { recursive: true, mode: 0o711 })
  const dataDir = await realpath(options.dataDir)
  const name = options.name ?? `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`
  const app = createAppClient(options)
  const env = options.env ?? process.env
  const registries = await readRegistries(env)
  const sandbox = await openRunnerSandbox(options.sandbox, { dataDir, env, registries, log })
  if (!(await canCount())) log.warn({}, 'what jobs write is not counted: that takes the find of GNU findutils')
  const launcher = createLauncher()
  const deps: JobDeps = {
    app,
    appUrl: options.appUrl,
    allowedHosts: options.allowedHosts,
    runner: name.slice(0, 100),
    dataDir,
    gitHome: await prepareGitHome(path.join(dataDir, 'git'), options.gitStallSeconds),
    launch: launcher.launch,
    locks: createLocks(),
    log,
    runtimes: options.runtimes,
    clock,
    sandbox,
    use: createUseWatch({ dataDir, limits: options.useLimits ?? DEFAULT_USE_LIMITS, clock, log }),
    env,
    registries,
    secrets: [options.secret, ...(options.secrets ?? []), ...ownSecrets(env)],
  }
  const housekeeping = startHousekeeping({
    ...deps,
    git: createGit(deps.gitHome, createRedactor(deps.secrets), jobMark(dataDir, 'housekeeping'), launcher.launch),
    mirrorsMaxBytes: options.mirrorsMaxBytes ?? DEFAULT_MIRRORS_MAX_BYTES,
  })
  const active = new Map<string, { readonly stop: JobStop; readonly over: Promise<unknown> }>()

  async function work(job: Job, token: string | undefined, signal: AbortSignal | undefined): Promise<void> {
    const id = JobId.safeParse(job.id)
    if (!id.success) throw new UnrecoverableError('The job has no id of the form run-step-epoch.')
    // The same job again, while this process still has it: its hold on it ran out. The old one must be gone first.
    await end(active.get(id.data), { kind: 'lost' })
    const stop = createJobStop()
    if (signal?.aborted === true) stop.stop({ kind: 'lost' })
    signal?.addEventListener('abort', () => stop.stop({ kind: 'lost' }))
    const over = runJob(deps, { id: id.data, data: job.data }, stop)
    const entry = { stop, over: over.catch(() => undefined) }
    active.set(id.data, entry)
    try {
      await conclude(deps, { job, id: id.data, token }, await Promise.race([over, handBackTime(clock, stop)]))
    } finally {
      if (active.get(id.data) === entry) active.delete(id.data)
      void housekeeping.trim()
    }
  }

  const { connection, prefix, factory } = options.queue
  const worker = new Worker(
    JOBS_QUEUE,
    (job: Job, token?: string, signal?: AbortSignal) => work(job, token, signal),
    { connection, prefix, concurrency, name, ...WORKER_OPTIONS },
    factory,
  )
  worker.on('error', (error) => log.warn({ error }, 'queue error'))
  worker.on('failed', (job, error) => log.error({ job: job?.id, error }, 'job not worked on'))
  worker.on('lockRenewalFailed', (ids: string[]) => {
    for (const id of ids) active.get(id)?.stop.stop({ kind: 'lost' })
  })
  let stopping: Promise<void> | null = null
  const heartbeat = startHeartbeat(
    { app, clock, log, runtimes: options.runtimes },
    { runner: deps.runner, version: VERSION, concurrency, sandbox: stateOf(sandbox) },
    () => [...active.keys()],
    // Without the app no job can begin: others may have them.
    (app) => {
      if (!app) void worker.pause(true)
      else if (stopping === null && worker.isPaused()) worker.resume()
    },
  )
  await worker.waitUntilReady()
  log.info({ runner: name, concurrency, sandbox: stateOf(sandbox) }, 'runner started')

  async function stop(): Promise<void> {
    await worker.pause(true)
    for (const { stop: jobStop } of active.values()) jobStop.stop({ kind: 'shutdown' })
    await worker.close()
    await housekeeping.stop()
    await heartbeat.stop()
    launcher.stop()
    log.info({ runner: name }, 'runner stopped')
  }
  return {
    name,
    active: () => [...active.keys()],
    stop() {
      stopping ??= stop()
      return stopping
    },
  }
}

async function end(
  entry: { readonly stop: JobStop; readonly over: Promise<unknown> } | undefined,
  reason: { readonly kind: 'lost' },
) {
  if (entry === undefined) return
  entry.stop.stop(reason)
  await entry.over
}
