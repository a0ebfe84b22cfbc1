/** A runner as it is, on real repositories over HTTP, with an agent that only edits a file. One yard per file system. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'
import { commandRuntime } from '../../../runner/agents/command.ts'
import { createAppClient } from '../../../runner/app-client.ts'
import { systemClock } from '../../../runner/clock.ts'
import { prepareGitHome } from '../../../runner/git/git-environment.ts'
import { runJob } from '../../../runner/job.ts'
import type { JobDeps } from '../../../runner/job-deps.ts'
import { createJobStop } from '../../../runner/job-stop.ts'
import { NO_SANDBOX } from '../../../runner/sandbox/runner-sandbox.ts'
import { createLocks } from '../../../runner/workspace/locks.ts'
import { JobSpec } from '../../../src/contract/job.ts'
import { FAKE_SECRET, startFakeApp } from '../../runner/fake-app.ts'
import { TEST_TOKEN } from '../../support/git-server.ts'
import { startChild } from '../child.ts'
import { coldFloor, type FloorRepository, makeMirror, warmFloor } from './floor.ts'
import { advance, EDITED, makeRepository, type RepositoryShape } from './repository.ts'

export const OWNER = 'bench'
const NONCE = 'nonce-0123456789abcdef'

/** How long a job took, in ms, without its agent, and its first part: until the agent started. */
export interface JobTimes {
  total: number
  untilAgent: number
}

export interface Yard {
  /** A whole job over these repositories. Warm: the runner had all of them before, and one new commit came since. */
  job(repositories: readonly RepositoryShape[], warm: boolean): Promise<JobTimes>
  /** The same by a shell script; gives how long it took, in ms. */
  floor(repositories: readonly RepositoryShape[], warm: boolean): Promise<number>
  close(): Promise<void>
}

/** Opens a yard below `root`, which decides about the file system. */
export async function openYard(root: string, repositories: readonly RepositoryShape[]): Promise<Yard> {
  const dir = await mkdtemp(path.join(root, 'switchyard-bench-job-'))
  const repos = path.join(dir, 'repos')
  const bare = (name: string) => path.join(repos, OWNER, `${name}.git`)
  const mirrorOf = (name: string) => path.join(dir, 'mirrors', name)
  await mkdir(path.join(repos, OWNER), { recursive: true })
  for (const shape of repositories) await makeRepository(bare(shape.name), shape)
  const server = await startChild(new URL('git-child.ts', import.meta.url), [repos], { TMPDIR: dir })
  const app = await startFakeApp({ token: TEST_TOKEN })
  const urlOf = (name: string) => `${server.ready}/${OWNER}/${name}.git`
  for (const { name } of repositories) await makeMirror(urlOf(name), mirrorOf(name), TEST_TOKEN)
  const warmDeps = await depsOf(path.join(dir, 'data'))
  let count = 0

  async function depsOf(dataDir: string): Promise<JobDeps> {
    const quiet = () => undefined
    return {
      app: createAppClient({ appUrl: app.url, secret: FAKE_SECRET }),
      appUrl: app.url,
      runner: 'bench',
      dataDir,
      gitHome: await prepareGitHome(path.join(dataDir, 'git')),
      locks: createLocks(),
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      runtimes: new Map([['command', commandRuntime()]]),
      clock: systemClock,
      sandbox: NO_SANDBOX,
      env: process.env,
      secrets: [],
    }
  }

  async function newCommits(shapes: readonly RepositoryShape[]): Promise<void> {
    count += 1
    for (const shape of shapes) await advance(bare(shape.name), shape, count)
  }

  function specOf(shapes: readonly RepositoryShape[], clock: string): JobSpec {
    const run = `bench${count}`
    const edits = shapes.map(({ name }) => `echo '// edited' >> ${shapes.length === 1 ? '' : `${OWNER}__${name}/`}${EDITED}`)
    const report = `printf '{"status":"success","summary":"Done.","nonce":"%s"}' "$SWITCHYARD_NONCE" > "$SWITCHYARD_REPORT_FILE"`
    const script = [`date +%s%N > ${clock}`, ...edits, report, `date +%s%N >> ${clock}`].join('\n')
    return JobSpec.parse({
      version: 1,
      id: `${run}-code-1`,
      run,
      step: 'code',
      epoch: 1,
      role: 'coder',
      mode: 'code',
      runtime: { name: 'command', command: ['/bin/sh', '-c', script] },
      instructions: 'Edit.',
      prompt: 'Edit.',
      reportShape: 'work',
      nonce: NONCE,
      legs: shapes.map(({ name }, index) => ({
        key: `${OWNER}__${name}`,
        repositoryId: index + 1,
        repository: `${OWNER}/${name}`,
        cloneUrl: urlOf(name),
        role: index === 0 ? 'primary' : 'provider',
        access: 'write',
        baseBranch: 'main',
        workBranch: `switchyard/${run}`,
      })),
      allowedHosts: [new URL(server.ready).host, new URL(app.url).host],
      limits: {},
      author: { name: 'Switchyard', email: 'switchyard@example.com' },
    })
  }

  return {
    async job(shapes, warm) {
      await newCommits(shapes)
      const clock = path.join(dir, `clock-${count}`)
      const spec = specOf(shapes, clock)
      const cold = path.join(dir, `data-${count}`)
      const deps = warm ? warmDeps : await depsOf(cold)
      const started = performance.timeOrigin + performance.now()
      await runJob(deps, { id: spec.id, data: spec }, createJobStop())
      const ended = performance.timeOrigin + performance.now()
      const result = app.results.at(-1)?.result
      if (result?.status !== 'finished' || result.legs.some(({ push }) => push.status !== 'pushed')) {
        throw new Error(`the job did not push: ${JSON.stringify(result)}`)
      }
      const [agentStarted = 0, agentEnded = 0] = (await readFile(clock, 'utf8')).split('\n').map((line) => Number(line) / 1e6)
      if (!warm) await rm(cold, { recursive: true, force: true })
      return { total: ended - started - (agentEnded - agentStarted), untilAgent: agentStarted - started }
    },
    async floor(shapes, warm) {
      await newCommits(shapes)
      const work = path.join(dir, `floor-${count}`)
      await mkdir(work)
      const each: FloorRepository[] = shapes.map(({ name }) => ({
        url: urlOf(name),
        mirror: mirrorOf(name),
        folder: path.join(work, name),
      }))
      const branch = `floor/${count}`
      const started = performance.now()
      await (warm ? warmFloor : coldFloor)(each, branch, TEST_TOKEN)
      const took = performance.now() - started
      for (const { name } of shapes) await execa('git', ['rev-parse', '-q', '--verify', branch], { cwd: bare(name) })
      await rm(work, { recursive: true, force: true })
      return took
    },
    async close() {
      await server.stop()
      await app.stop()
      await rm(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
