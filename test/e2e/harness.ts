/** Switchyard, app and runner in this process, on a local GitHub: what the end-to-end tests start from. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { RunningApp } from '../../src/app.ts'
import { readEnvironment } from '../../src/config/environment.ts'
import { startBoth } from '../../src/start.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import type { AgentScriptInput } from '../agents/agent-script.ts'
import { createWorld, type DemoWorld } from '../demo/world.ts'
import { type BackendName, missingFor, openBackend } from '../faults/backends.ts'
import type { Person } from '../github/client/person.ts'
import { type LocalGitHub, startLocalGitHub } from '../github/local-github.ts'
import type { NewRepository } from '../github/state/repositories.ts'
import type { Delivery } from '../github/webhooks/deliver.ts'
import { type AppLog, createAppLog } from './app-log.ts'
import { openTask, type Task, type TaskInput } from './task.ts'

const REPOSITORY = path.join(import.meta.dirname, '../..')
const POLL_MS = 25
/** Patience for a busy machine; on an idle one nothing takes longer than a few seconds. */
const WAIT_MS = 90_000
/** How much of the past an error tells. */
const TOLD = { deliveries: 12, log: 40 } as const

/** What tests turn down: nobody's patience is tested here, nor how many runs may be live. */
const TEST_ENV = {
  DEBOUNCE_MS: '100',
  // Most tests want to see a failure at once; those of the retries say so.
  RETRY_ATTEMPTS: '0',
  RETRY_INFRASTRUCTURE_ATTEMPTS: '0',
  RUNNER_CONCURRENCY: '4',
  LIMIT_REPOSITORY_RUNS: '100',
  LIMIT_PERSON_RUNS: '100',
  LIMIT_INSTALLATION_RUNS: '100',
  LIMIT_DEPLOYMENT_RUNS: '100',
} as const

/**
 * Postgres and Redis where the environment names them, as in CI: an app starts there with a third of the work. The
 * demo, `test/faults` and `test/conformance` show the embedded database.
 */
const BACKEND: BackendName = missingFor('services') === null ? 'services' : 'embedded'

export interface YardOptions {
  /** Where store and queue are; the embedded database unless the environment names services. */
  backend?: BackendName
  /** What the agent does; it is told the folder of {@link Yard.signal}. */
  script?: AgentScriptInput | ((signals: string) => AgentScriptInput)
  repositories?: readonly NewRepository[]
  /** The App is installed on these only; all by default. */
  installed?: string[]
  env?: Record<string, string>
  /** Whether what is said to and by GitHub is held against its published descriptions; off where there is very much of it. */
  validate?: 'collect' | 'off'
  /** The app's clock. */
  now?: () => number
  /** Jobs work in real sandboxes, which show them this repository, and the agent's script and signals. */
  sandbox?: boolean
}

export interface Yard {
  github: LocalGitHub
  world: DemoWorld
  app: RunningApp
  log: AppLog
  person(login: string): Person
  /** Waits until the predicate gives something; one that throws has not yet. Its error tells how things stood. */
  waitFor<T>(predicate: () => T | null | undefined | false, what: string, timeoutMs?: number): Promise<T>
  /** Opens an issue; with a label it is a task. */
  task(input: TaskInput): Task
  /** Gives the agent's script a signal that it waits for or goes by: a file of this name. */
  signal(name: string): Promise<void>
  /** The path of a signal's file. */
  signalFile(name: string): string
  /** Sends deliveries again as GitHub does, under their ids; gives the statuses of the answers. */
  redeliver(deliveries: readonly Delivery[]): Promise<number[]>
  stop(): Promise<void>
  /** Stops, and looks into what is stored. */
  stopAndRead<T>(read: (store: Store) => Promise<T>): Promise<T>
  /** Stops, and takes all folders away. */
  close(): Promise<void>
}

/** Starts everything; takes about a second on an idle machine. */
export async function startSwitchyard(options: YardOptions = {}): Promise<Yard> {
  const dir = await mkdtemp(path.join(tmpdir(), 'switchyard-e2e-'))
  const signals = path.join(dir, 'signals')
  await mkdir(signals)
  const github = await startLocalGitHub({ validate: options.validate ?? 'collect' })
  const script = typeof options.script === 'function' ? options.script(signals) : options.script
  const world = await createWorld(github, {
    dataDir: dir,
    ...(script === undefined ? {} : { script }),
    ...(options.repositories === undefined ? {} : { repositories: options.repositories }),
    ...(options.installed === undefined ? {} : { installed: options.installed }),
  })
  const log = createAppLog()
  const backend = await openBackend(options.backend ?? BACKEND, world.env.DATA_DIR ?? dir)
  // As root, jobs have users of their own, who must be able to pass through.
  await chmod(dir, 0o711)
  const shown = [REPOSITORY, path.join(dir, 'agent-script.json'), signals].join(':')
  const sandbox = options.sandbox === true ? { SANDBOX: 'required', SANDBOX_READ: shown } : {}
  const environment = readEnvironment({ ...world.env, ...backend.env, ...TEST_ENV, ...sandbox, ...options.env })
  const app = await startBoth(environment, log.logger, options.now)
  let stopped: Promise<void> | null = null

  const yard: Yard = {
    github,
    world,
    app,
    log,
    person: (login) => github.as(login),
    async waitFor(predicate, what, timeoutMs = WAIT_MS) {
      const deadline = Date.now() + timeoutMs
      let error: unknown
      for (;;) {
        try {
          const found = predicate()
          if (found !== null && found !== undefined && found !== false) return found
        } catch (thrown) {
          error = thrown
        }
        if (Date.now() > deadline) throw new Error(howItStands(yard, what, timeoutMs, error))
        await new Promise((resolve) => setTimeout(resolve, POLL_MS))
      }
    },
    task: (input) => openTask(yard, input),
    signal: (name) => writeFile(path.join(signals, name), ''),
    signalFile: (name) => path.join(signals, name),
    redeliver: (deliveries) =>
      Promise.all(
        deliveries.map(async ({ app, requestHeaders, payload }) => {
          const answer = await fetch(app.hook?.url ?? '', { method: 'POST', headers: requestHeaders, body: payload })
          return answer.status
        }),
      ),
    async stop() {
      stopped ??= app.stop()
      await stopped
    },
    async stopAndRead(read) {
      await yard.stop()
      const { databaseUrl, dataDir } = environment
      const store = await openStore({ databaseUrl: databaseUrl ?? undefined, dataDir, log: log.logger })
      try {
        return await read(store)
      } finally {
        await store.close()
      }
    },
    async close() {
      await yard.stop()
      await github.stop()
      await backend.remove()
      await rm(dir, { recursive: true, force: true, maxRetries: 3 })
    },
  }
  return yard
}

function howItStands({ github, log }: Yard, what: string, timeoutMs: number, error: unknown): string {
  const seen = github.inspect()
  const repositories = [...new Set(seen.deliveries().flatMap(({ payload }) => repositoryIn(payload)))]
  const comments = repositories.flatMap((name) =>
    seen
      .issues(name)
      .flatMap((issue) =>
        seen
          .comments(name, issue.number)
          .map((comment) => `--- ${name}#${issue.number}, ${comment.author.user.login}:\n${comment.body}`),
      ),
  )
  const deliveries = seen
    .deliveries()
    .slice(-TOLD.deliveries)
    .map(({ event, action, statusCode }) => `${event} ${action ?? ''} -> ${statusCode ?? 'not sent'}`)
  return [
    `waited ${timeoutMs} ms in vain for: ${what}`,
    ...(error === undefined ? [] : [`the last error of the predicate: ${String(error)}`]),
    'comments:',
    ...comments.slice(-12),
    'last deliveries:',
    ...deliveries,
    'log:',
    ...log.last(TOLD.log),
  ].join('\n')
}

function repositoryIn(payload: string): string[] {
  const { repository } = JSON.parse(payload) as { repository?: { full_name: string } }
  return repository === undefined ? [] : [repository.full_name]
}
