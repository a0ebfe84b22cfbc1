/** What a runner test needs around it: repositories over real HTTP, a fake app, a data folder, and jobs to give. */
import { appendFile, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { z } from 'zod'
import { commandRuntime } from '../../runner/agents/command.ts'
import type { Runtime } from '../../runner/agents/runtime.ts'
import { createAppClient } from '../../runner/app-client.ts'
import { systemClock } from '../../runner/clock.ts'
import { prepareGitHome } from '../../runner/git/git-environment.ts'
import { type JobEnding, runJob } from '../../runner/job.ts'
import type { JobDeps } from '../../runner/job-deps.ts'
import { createJobStop, type JobStop } from '../../runner/job-stop.ts'
import { NO_SANDBOX } from '../../runner/sandbox/runner-sandbox.ts'
import { createUseWatch } from '../../runner/use/use-watch.ts'
import { createLocks } from '../../runner/workspace/locks.ts'
import type { TokenRequest } from '../../src/contract/api.ts'
import { JobResult, JobSpec } from '../../src/contract/job.ts'
import { DEFAULT_USE_LIMITS } from '../../src/contract/use-limits.ts'
import { type GitServer, startGitServer, TEST_TOKEN } from '../support/git-server.ts'
import { launch, outputOf } from '../support/launch.ts'
import { FAKE_SECRET, type FakeApp, startFakeApp } from './fake-app.ts'

export const NONCE = 'nonce-0123456789abcdef'
const AGENT = ['../agents/compiled.mjs', 'scripted-agent.ts'].map((file) => path.join(import.meta.dirname, file))

export interface Workshop {
  readonly dir: string
  readonly dataDir: string
  readonly server: GitServer
  readonly app: FakeApp
  readonly logged: { level: string; fields: object; message: string }[]
  /** Makes a repository with these files on `main` and gives its first commit. */
  repository(name: string, files?: Record<string, string>): Promise<string>
  /** Runs git in the bare repository and gives its output. */
  git(name: string, ...args: string[]): Promise<string>
  /** Commits files on a branch of the remote, as somebody else would, and gives the commit. */
  commit(name: string, branch: string, files: Record<string, string | null>, message?: string): Promise<string>
  leg(name: string, more?: Record<string, unknown>): Record<string, unknown>
  /** A job whose agent does these things, one after the other (see scripted-agent.ts). */
  spec(legs: Record<string, unknown>[], script: readonly Step[], more?: Record<string, unknown>): JobSpec
  deps(more?: Partial<JobDeps>): Promise<JobDeps>
  /** Runs a job and gives how it ended and the last result that the app took. */
  run(spec: unknown, more?: Partial<JobDeps>, stop?: JobStop): Promise<{ ending: JobEnding; result: JobResult }>
  close(): Promise<void>
}

/** A step of the scripted agent; paths are relative to where the agent starts. */
export type Step =
  | { do: 'write'; file: string; text: string }
  | { do: 'sh'; script: string }
  | { do: 'commit'; in: string; message: string }
  | { do: 'report'; report: Record<string, unknown> }
  | { do: 'report-text'; text: string }
  | { do: 'event'; event: Record<string, unknown> }
  /** So many tool calls that begin and end at once; `more` goes into their beginnings. */
  | { do: 'calls'; count: number; ok: boolean; more: Record<string, unknown> }
  | { do: 'when-resumed'; steps: readonly Step[] }
  /** Takes no notice of SIGTERM from now on. */
  | { do: 'deaf' }
  | { do: 'close-output' }
  | { do: 'hang' }
  | { do: 'exit'; code: number }

export const success = (more: Record<string, unknown> = {}): Step => ({
  do: 'report',
  report: { status: 'success', summary: 'Done.', ...more },
})

/** A commit with these files as `git fast-import` takes it: one process in place of a clone, a commit and a push. */
function firstCommit(files: Readonly<Record<string, string>>): string {
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`
  const all = Object.entries(files).map(([file, text]) => `M 100644 inline ${JSON.stringify(file)}\n${data(text)}`)
  return `commit refs/heads/main\ncommitter Somebody <somebody@example.com> now\n${data('The first commit')}${all.join('')}`
}

export async function openWorkshop(
  options: {
    token?: (request: z.infer<typeof TokenRequest>) => string | number
    deny?: Parameters<typeof startGitServer>[0]['deny']
    accepts?: Parameters<typeof startGitServer>[0]['accepts']
  } = {},
): Promise<Workshop> {
  const dir = await realpath(await mkdtemp(path.join(tmpdir(), 'switchyard-runner-')))
  const repos = path.join(dir, 'repos')
  const dataDir = path.join(dir, 'data')
  await mkdir(dataDir)
  await mkdir(repos)
  const { deny, accepts } = options
  const server = await startGitServer({
    repos,
    ...(deny === undefined ? {} : { deny }),
    ...(accepts === undefined ? {} : { accepts }),
  })
  const app = await startFakeApp({ token: options.token ?? TEST_TOKEN })
  const logged: Workshop['logged'] = []
  const say = (level: string) => (fields: object, message: string) => void logged.push({ level, fields, message })
  const log = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') }
  const bare = (name: string): string => path.join(repos, `${name}.git`)
  const ids = new Map<string, number>()

  async function git(cwd: string, ...args: string[]): Promise<string> {
    const identity = ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com', '-c', 'init.defaultBranch=main']
    return outputOf('git', [...identity, ...args], { cwd })
  }
  async function commit(
    name: string,
    branch: string,
    files: Record<string, string | null>,
    message = 'A change by somebody',
  ): Promise<string> {
    const work = await mkdtemp(path.join(dir, 'somebody-'))
    await git(work, 'clone', '-q', bare(name), '.')
    const known = (await git(work, 'branch', '-r', '--list', `origin/${branch}`)) !== ''
    await git(work, 'checkout', '-q', ...(known ? [branch] : ['-b', branch]))
    for (const [file, text] of Object.entries(files)) {
      const target = path.join(work, file)
      await mkdir(path.dirname(target), { recursive: true })
      if (text === null) await rm(target)
      else await writeFile(target, text)
    }
    await git(work, 'add', '-A')
    await git(work, 'commit', '-q', '-m', message)
    await git(work, 'push', '-q', 'origin', branch)
    return await git(work, 'rev-parse', 'HEAD')
  }
  const workshop: Workshop = {
    dir,
    dataDir,
    server,
    app,
    logged,
    async repository(name, files = { 'README.md': `# ${name}\n`, 'src/index.js': 'export const answer = 41\n' }) {
      ids.set(name, ids.size + 101)
      await git(dir, 'init', '-q', '--bare', '-b', 'main', bare(name))
      await appendFile(path.join(bare(name), 'config'), '[uploadpack]\n\tallowReachableSHA1InWant = true\n')
      const fastImport = ['fast-import', '--quiet', '--date-format=now']
      await outputOf('git', fastImport, { cwd: bare(name), input: firstCommit(files) })
      return await git(bare(name), 'rev-parse', 'main')
    },
    git: (name, ...args) => git(bare(name), ...args),
    commit,
    leg: (name, more = {}) => ({
      key: name.replace('/', '__'),
      repositoryId: ids.get(name) ?? 1,
      repository: name,
      cloneUrl: `${server.url}/${name}.git`,
      role: 'primary',
      access: 'write',
      baseBranch: 'main',
      workBranch: 'switchyard/run1',
      ...more,
    }),
    spec: (legs, script, more = {}) =>
      JobSpec.parse({
        version: 1,
        id: 'run1-code-1',
        run: 'run1',
        step: 'code',
        epoch: 1,
        role: 'coder',
        mode: 'code',
        runtime: { name: 'command', command: [process.execPath, ...AGENT, JSON.stringify(script)] },
        instructions: 'You are a coder.',
        prompt: 'Do the thing.',
        reportShape: 'work',
        nonce: NONCE,
        legs,
        allowedHosts: [new URL(server.url).host, new URL(app.url).host],
        limits: {},
        author: { name: 'Switchyard', email: 'switchyard@example.com' },
        ...more,
      }),
    async deps(more = {}) {
      const runtimes = new Map<string, Runtime>([['command', commandRuntime()]])
      return {
        app: createAppClient({ appUrl: app.url, secret: FAKE_SECRET, retryFirstMs: 10 }),
        appUrl: app.url,
        runner: 'runner-1',
        dataDir,
        gitHome: await prepareGitHome(path.join(dataDir, 'git')),
        launch,
        locks: createLocks(),
        log,
        runtimes,
        clock: systemClock,
        sandbox: NO_SANDBOX,
        use: createUseWatch({ dataDir, limits: DEFAULT_USE_LIMITS, clock: systemClock, log }),
        env: process.env,
        secrets: [FAKE_SECRET],
        ...more,
      }
    },
    async run(spec, more = {}, stop = createJobStop()) {
      const ending = await runJob(await workshop.deps(more), { id: 'run1-code-1', data: structuredClone(spec) }, stop)
      const result = app.results.at(-1)?.result
      return {
        ending,
        result:
          result ??
          JobResult.parse({
            status: 'cancelled',
            reason: 'no result',
            legs: [],
            usage: {},
            notes: [],
            startedAt: new Date(0).toISOString(),
            endedAt: new Date(0).toISOString(),
          }),
      }
    },
    async close() {
      await server.stop()
      await app.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
  return workshop
}
