/** A runner as it is, on real repositories over HTTP, with an agent that only edits a file. One yard per file system. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'
import type { z } from 'zod'
import { JobSpec } from '../../../src/contract/job.ts'
import { startFakeApp } from '../../runner/fake-app.ts'
import { TEST_TOKEN } from '../../support/git-server.ts'
import { startChild } from '../child.ts'
import { coldFloor, type FloorRepository, makeMirror, warmFloor } from './floor.ts'
import { advance, EDITED, makeRepository, type RepositoryShape } from './repository.ts'
import type { RunnerAsked } from './runner-child.ts'

export const OWNER = 'bench'
const NONCE = 'nonce-0123456789abcdef'

/**
 * How long a job took until it was reported, in ms, without its agent, and its first part: until the agent started. Clearing
 * its folders away afterwards is not in it; the floor leaves its own.
 */
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

/** In ms since the epoch. */
const now = () => performance.timeOrigin + performance.now()

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
  const runner = await startChild(new URL('runner-child.ts', import.meta.url), [app.url], { TMPDIR: dir })
  const asked = (what: z.input<typeof RunnerAsked>) => runner.ask(JSON.stringify(what))
  let count = 0

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
      const dataDir = path.join(dir, warm ? 'data' : `data-${count}`)
      await asked({ dataDir })
      const before = app.results.length
      const reported = app.heard(({ results }) => results.length > before).then(now)
      const started = now()
      await asked({ dataDir, spec })
      const ended = await reported
      const result = app.results.at(-1)?.result
      if (result?.status !== 'finished' || result.legs.some(({ push }) => push.status !== 'pushed')) {
        throw new Error(`the job did not push: ${JSON.stringify(result)}`)
      }
      const [agentStarted = 0, agentEnded = 0] = (await readFile(clock, 'utf8')).split('\n').map((line) => Number(line) / 1e6)
      if (!warm) await rm(dataDir, { recursive: true, force: true })
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
      await runner.stop()
      await server.stop()
      await app.stop()
      await rm(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
