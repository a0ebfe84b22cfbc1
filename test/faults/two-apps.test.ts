/** Two app processes of one Switchyard, and a runner, on Postgres and Redis: what only one of them may do, and what both must heed. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { COPY_MAX_AGE_MS } from '../../src/github/breaker.ts'
import { createWorld, type DemoWorld, freePort } from '../demo/world.ts'
import { pipeline, repository } from '../e2e/repositories.ts'
import { call, plan } from '../e2e/script.ts'
import { type LocalGitHub, startLocalGitHub } from '../github/local-github.ts'
import { type Backend, missingFor, openBackend } from './backends.ts'
import { type Program, type ProgramName, startProgram } from './programs.ts'
import { until } from './until.ts'

const REPOSITORY = 'acme/solo'
const CASE_MS = 240_000
/** Patience for one thing on a busy machine, in ms. */
const WITHIN_MS = 90_000
/** Issues that are labelled at once: enough work for both processes. */
const ISSUES = 8
const COMMENTS = '/repos/{owner}/{repo}/issues/{issue_number}/comments'
const RETRY_AFTER_SECONDS = 4
const CONFIGURATION = { version: 1, pipelines: { ask: pipeline('plan', 'approval') } }
const SCHEDULE = { name: 'yearly', cron: '0 6 1 1 *', pipeline: 'ask', title: 'Notes of the year' }

const missing = missingFor('services')
describe.skipIf(missing !== null)(`two apps${missing === null ? '' : ` (skipped: ${missing} is not set)`}`, () => {
  let folder: string
  let github: LocalGitHub
  let backend: Backend
  let world: DemoWorld
  let store: pg.Pool
  const programs: Program[] = []

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'switchyard-two-'))
    github = await startLocalGitHub({ dataDir: path.join(folder, 'github'), validate: 'collect' })
    const script = { calls: [call('planner', '', [plan([REPOSITORY])])] }
    world = await createWorld(github, { dataDir: folder, script, repositories: [repository('solo', CONFIGURATION)] })
    backend = await openBackend('services', folder)
    store = new pg.Pool({ connectionString: backend.env.DATABASE_URL, max: 1 })
    store.on('error', () => undefined)
    await startAll(['runner', 'app', 'app'])
  }, CASE_MS)

  afterAll(async () => {
    await end('SIGKILL', programs)
    await store?.end()
    await backend?.remove()
    await github?.stop()
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }, CASE_MS)

  /** The first app gets the webhooks, the second one takes its share of the work from the queue. */
  async function startAll(names: readonly ProgramName[], env: Record<string, string> = {}): Promise<Program[]> {
    const common = { ...world.env, ...backend.env, APP_URL: `http://127.0.0.1:${world.port}`, DEBOUNCE_MS: '50' }
    const limits = {
      LIMIT_REPOSITORY_RUNS: '100',
      LIMIT_PERSON_RUNS: '100',
      SWEEP_SCHEDULES_MS: '200',
      RUNNER_CONCURRENCY: '4',
    }
    const started: Program[] = []
    for (const name of names) {
      const second = started.some((program) => program.name === name)
      const port = second ? { PORT: String(await freePort()) } : {}
      started.push(startProgram(name, { ...common, ...limits, ...port, ...env }))
    }
    programs.push(...started)
    await until(tail, WITHIN_MS, () => started.every((program) => program.ready()))
    return started
  }

  async function end(signal: NodeJS.Signals, which: readonly Program[]): Promise<void> {
    const living = which.filter((program) => program.ended() === null)
    for (const program of living) program.signal(signal)
    await Promise.all(living.map((program) => program.exited))
  }

  const tail = () => programs.map(({ name, pid, lines }) => [`--- ${name} ${pid}`, ...lines.slice(-20)].join('\n')).join('\n')
  const apps = () => programs.filter(({ name }) => name === 'app')
  const comments = (number: number) => github.inspect().comments(REPOSITORY, number)
  const waits = (number: number) => comments(number).some(({ body }) => body.includes('Approve plan'))

  test('[FAIL-4] after a secondary rate limit that one app is told of neither asks anything until its end, and nothing is lost or doubled', {
    timeout: CASE_MS,
  }, async () => {
    const mona = github.as('mona')
    const matcher = { method: 'POST', route: COMMENTS }
    github.faults.secondaryRateLimit({ matcher, retryAfter: RETRY_AFTER_SECONDS })
    const numbers = Array.from(
      { length: ISSUES },
      (_, index) => mona.openIssue(REPOSITORY, { title: `Task ${index + 1}` }).number,
    )
    for (const number of numbers) mona.label(REPOSITORY, number, 'switchyard:ask')
    const asked = () =>
      github
        .inspect()
        .requests()
        .filter(({ path: of }) => of.startsWith('/repos/') || of.startsWith('/graphql'))
    const refused = () => asked().findIndex(({ status, route }) => status === 403 && route === COMMENTS)
    await until(tail, WITHIN_MS, () => refused() >= 0)
    const limitedAt = Date.now()
    // What was under way is answered, and the other process has looked into the store.
    await until(tail, WITHIN_MS, () => Date.now() - limitedAt > COPY_MAX_AGE_MS + 500)
    const before = asked().length
    await until(tail, WITHIN_MS, () => Date.now() - limitedAt > RETRY_AFTER_SECONDS * 1_000 - 500)
    expect(asked().length).toBe(before)
    const waiting = 'Effect waits for the end of a rate limit'
    // Neither sent anything; which of them had something to send is as the queue dealt it.
    expect(apps().map((app) => app.logged(waiting))).toContain(true)

    await until(tail, WITHIN_MS, () => numbers.every(waits))
    await github.idle()
    expect(numbers.map((number) => comments(number).length)).toEqual(numbers.map(() => 1))
    expect(asked().filter(({ status, route }) => status === 403 && route === COMMENTS)).toHaveLength(1)
    const blocks = await store.query<{ count: string }>('select count(*) from github_blocks')
    expect(blocks.rows).toEqual([{ count: '1' }])
  })

  test('[SCH-1] a schedule that is due opens one issue and starts one run, also when each app is killed behind the issue', {
    timeout: CASE_MS,
  }, async () => {
    const content = stringify({ ...CONFIGURATION, schedules: [SCHEDULE] })
    await github.as('mona').push(REPOSITORY, 'main', { '.github/switchyard.yml': content }, 'Schedule it')
    const rows = async () => (await store.query<{ next_at: string }>('select next_at from schedules')).rows
    await until(tail, WITHIN_MS, async () => (await rows()).length === 1)
    expect(Number((await rows())[0]?.next_at)).toBeGreaterThan(Date.now())

    await end('SIGTERM', apps())
    const killed = await startAll(['app', 'app'], { SWITCHYARD_CRASH_AT: 'schedule-issue-opened' })
    const dueAt = Date.now()
    await store.query('update schedules set next_at = $1', [dueAt])
    await until(tail, WITHIN_MS, () => killed.every((program) => program.ended() !== null))
    expect(killed.map((program) => program.ended()?.signal)).toEqual(['SIGKILL', 'SIGKILL'])
    const opened = () =>
      github
        .inspect()
        .issues(REPOSITORY)
        .filter(({ title }) => title === SCHEDULE.title)
    expect(opened()).toHaveLength(1)
    expect((await store.query('select state, issue from schedule_fires')).rows).toEqual([{ state: 'due', issue: null }])

    await startAll(['app', 'app'])
    const number = opened()[0]?.number ?? 0
    await until(tail, WITHIN_MS, () => waits(number))
    await github.idle()
    expect(opened()).toHaveLength(1)
    expect(comments(number)).toHaveLength(1)
    const fires = await store.query('select state, issue, due_at, run_id is not null as run from schedule_fires')
    expect(fires.rows).toEqual([{ state: 'started', issue: number, due_at: String(dueAt), run: true }])
    expect((await store.query('select id from runs where number = $1', [number])).rows).toHaveLength(1)
    expect(github.inspect().violations()).toEqual([])
  })
})
