/** One case's stage: a local GitHub, a place for store and queue, and the programs on it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ISSUE } from '../demo/script.ts'
import { createWorld, freePort } from '../demo/world.ts'
import { type LocalGitHub, startLocalGitHub } from '../github/local-github.ts'
import { type BackendName, openBackend } from './backends.ts'
import { type Program, type ProgramName, startProgram } from './programs.ts'
import { type Held, makeThread, type ThreadLength } from './threads.ts'
import { LOOK_MS, until } from './until.ts'

/** Longest start of a program on a busy machine, in ms. */
const START_MS = 120_000
/** Longest time of the whole thread on a busy machine, in ms. */
export const THREAD_MS = 240_000
export interface Stage {
  github: LocalGitHub
  /** The programs that were started, the ended ones too. */
  programs: readonly Program[]
  start(name: ProgramName, env?: Record<string, string>): Program
  /** Starts all programs of the backend and waits until they can work; `env` goes to the one named. */
  startAll(extra?: { program: ProgramName; env: Record<string, string> }): Promise<void>
  /** Mona opens the issue and labels it; from now on she ticks the plan's box when it shows, unless she shall wait. */
  begin(options?: { approve: boolean }): void
  /** The plan's box is there to be ticked. */
  canApprove(): boolean
  /** Mona ticks it. */
  approve(): void
  /** The issue's number once the thread has begun. */
  issue(): number
  /** The held coder or CI goes on. */
  letGo(): Promise<void>
  reachedFile: string
  crashLog: string
  /** Waits for the end of the thread, and until nothing is left to do. */
  end(): Promise<void>
  /** Asks every living program to stop; gives how they ended. */
  stopAll(): Promise<{ name: ProgramName; code: number | null }[]>
  /** Kills what still runs and removes everything. */
  close(): Promise<void>
  /** The last lines of every program, for whoever must find out why. */
  tail(): string
}

export interface StageOptions {
  backend: BackendName
  thread: ThreadLength
  held?: Held | null
  env?: Record<string, string>
}

export async function openStage({ backend: name, thread: length, held = null, env = {} }: StageOptions): Promise<Stage> {
  const folder = await mkdtemp(path.join(tmpdir(), 'switchyard-faults-'))
  const github = await startLocalGitHub({
    dataDir: path.join(folder, 'github'),
    validate: length === 'whole' ? 'collect' : 'off',
  })
  const thread = makeThread(length, held, folder)
  const { script, repositories } = thread
  const world = await createWorld(github, { dataDir: folder, script, repositories, port: await freePort() })
  const backend = await openBackend(name, world.env.DATA_DIR ?? folder)
  const common = { ...world.env, APP_URL: `http://127.0.0.1:${world.port}`, DEBOUNCE_MS: '50', ...backend.env, ...env }
  const programs: Program[] = []
  const living = () => programs.filter((program) => program.ended() === null)
  const api = github.inspect()
  const mona = github.as('mona')
  let issue: number | null = null
  let ticking: NodeJS.Timeout | undefined

  function start(program: ProgramName, more: Record<string, string> = {}): Program {
    const started = startProgram(program, { ...common, ...more })
    programs.push(started)
    return started
  }

  const asking = () => api.comments('acme/api', issue ?? 0).find(({ body }) => /^- \[ \] .*Approve plan/m.test(body))
  function approve(): void {
    const comment = asking()
    if (comment === undefined) return
    clearInterval(ticking)
    mona.tick('acme/api', comment.id, 'Approve plan')
  }

  function tail(): string {
    return programs.map(({ name: program, lines }) => [`--- ${program}`, ...lines.slice(-40)].join('\n')).join('\n')
  }

  /** What the thread's end still lacks; null at the end. */
  async function missing(): Promise<string | null> {
    const number = issue ?? 0
    if (api.issue('acme/api', number).state !== 'closed') return 'the issue is open'
    if (!api.labels('acme/api', number).includes('switchyard/done')) return 'the label says another state'
    for (const repository of ['acme/api', 'acme/storefront']) {
      const head = api.pulls(repository).at(-1)?.pull.headSha ?? ''
      const unfinished = api.checks(repository, head, 'all').find(({ status }) => status !== 'completed')
      if (unfinished !== undefined) return `${repository}: the check run "${unfinished.name}" is ${unfinished.status}`
      if (Object.keys(await api.branches(repository)).length > 1) return `${repository}: the work branch is there`
    }
    return (await backend.isQuiet()) ? null : 'the outbox is not empty'
  }

  return {
    github,
    programs,
    start,
    async startAll(extra) {
      const started = backend.programs.map((program) => start(program, extra?.program === program ? extra.env : {}))
      await until(
        () => `start of ${backend.programs.join(' and ')}\n${tail()}`,
        START_MS,
        () => started.every((program) => program.ready()),
      )
    },
    begin(options = { approve: true }) {
      const { number } = mona.openIssue('acme/api', ISSUE)
      issue = number
      mona.label('acme/api', number, 'switchyard')
      if (options.approve) ticking = setInterval(approve, LOOK_MS)
    },
    canApprove: () => asking() !== undefined,
    approve,
    issue: () => issue ?? 0,
    letGo: () => writeFile(thread.goFile, ''),
    reachedFile: thread.reachedFile,
    crashLog: path.join(folder, 'crash.log'),
    async end() {
      let lacks: string | null = null
      await until(
        () => `the end of the thread: ${lacks}\n${api.comments('acme/api', issue ?? 0).map(({ body }) => body)}\n${tail()}`,
        THREAD_MS,
        async () => {
          lacks = await missing()
          return lacks === null
        },
      )
      await github.idle()
    },
    async stopAll() {
      const stopping = living()
      for (const program of stopping) program.signal('SIGTERM')
      return Promise.all(stopping.map(async (program) => ({ name: program.name, code: (await program.exited).code })))
    },
    async close() {
      clearInterval(ticking)
      for (const program of living()) program.signal('SIGKILL')
      await Promise.all(programs.map((program) => program.exited))
      await github.stop()
      await backend.remove()
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    },
    tail,
  }
}
