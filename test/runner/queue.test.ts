import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { createRedisBackend, Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { commandRuntime } from '../../runner/agents/command.ts'
import { type RunningRunner, startRunner } from '../../runner/start-runner.ts'
import { JOB_MARKER, jobMark, processesMarked, sweepOrphans } from '../../runner/watch/process-tree.ts'
import { JOBS_QUEUE } from '../../src/contract/api.ts'
import { sandboxSettings } from '../../src/contract/sandbox.ts'
import { FAKE_SECRET } from './fake-app.ts'
import { openWorkshop, type Step, success, type Workshop } from './workshop.ts'

/** A Node process is started and the queue's hold on a job runs out (8 s); on a busy machine that takes its time, in ms. */
const PATIENCE_MS = 120_000
/** The id of the workshop's jobs. */
const JOB = 'run1-code-1'

const REDIS_URL = process.env.REDIS_URL
const title = REDIS_URL === undefined ? 'a runner on the queue (skipped: REDIS_URL is not set)' : 'a runner on the queue'

describe.skipIf(REDIS_URL === undefined)(title, () => {
  let shop: Workshop
  let redis: Redis
  let queue: Queue
  let prefix: string
  const closing: (() => Promise<unknown>)[] = []

  beforeEach(async () => {
    shop = await openWorkshop()
    prefix = `test-${randomBytes(4).toString('hex')}`
    redis = new Redis(REDIS_URL ?? '', { maxRetriesPerRequest: null })
    queue = new Queue(JOBS_QUEUE, { connection: redis, prefix })
    await shop.repository('acme/api')
  })
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
    await queue.obliterate({ force: true })
    await queue.close()
    redis.disconnect()
    await shop.close()
  })

  async function runner(name: string): Promise<RunningRunner> {
    const connection = new Redis(REDIS_URL ?? '', { maxRetriesPerRequest: null })
    const running = await startRunner({
      appUrl: shop.app.url,
      secret: FAKE_SECRET,
      queue: { connection, prefix, factory: createRedisBackend },
      concurrency: 2,
      dataDir: shop.dataDir,
      sandbox: sandboxSettings({ SANDBOX: 'off' }),
      runtimes: new Map([['command', commandRuntime()]]),
      log: (await shop.deps()).log,
      name,
    })
    closing.push(async () => {
      await running.stop()
      connection.disconnect()
    })
    return running
  }

  function ownRunner(name: string, env: Record<string, string>) {
    const child = spawn(process.execPath, [path.join(import.meta.dirname, '../../runner/main.ts')], {
      env: {
        PATH: process.env.PATH,
        APP_URL: shop.app.url,
        RUNNER_SECRET: FAKE_SECRET,
        REDIS_URL,
        QUEUE_PREFIX: prefix,
        SANDBOX: 'off',
        DATA_DIR: path.join(shop.dir, name),
        ...env,
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    const ended = new Promise<number | string | null>((resolve) =>
      child.once('exit', (code, signal) => resolve(code ?? signal)),
    )
    closing.push(async () => {
      child.kill('SIGKILL')
      await ended
    })
    return { child, ended }
  }

  const work: Step[] = [
    { do: 'write', file: 'done.txt', text: 'done\n' },
    { do: 'sh', script: 'git add -A && (git diff --cached --quiet || git commit -qm Done)' },
    success(),
  ]

  async function add(script: readonly Step[], more: Record<string, unknown> = {}): Promise<void> {
    await queue.add('job', shop.spec([shop.leg('acme/api')], script, more), { jobId: JOB })
  }

  test('[JOB-3] takes a job, says how far it is, and says which runtimes it offers', async () => {
    await runner('one')
    await add(work)
    const result = await shop.app.result()
    expect(result.status).toBe('finished')
    expect(shop.app.progress.map((sent) => sent.progress.phase)).toContain('report')
    await shop.app.heard((app) => app.heartbeats.length > 0)
    expect(shop.app.heartbeats[0]).toMatchObject({
      runner: 'one',
      concurrency: 2,
      runtimes: [{ name: 'command', ready: true }],
    })
  })

  test('[JOB-10] SIGTERM: what the agent has is pushed, and another runner goes on with the job at once', async () => {
    const marker = path.join(shop.dir, 'working')
    const first = await runner('first')
    await add([
      { do: 'when-resumed', steps: [] },
      { do: 'sh', script: `test -e begun && exit 0; echo 1 > begun; git add -A; git commit -qm Begun; echo 2 > half` },
      { do: 'sh', script: `test -e ${marker} || { touch ${marker}; sleep 600; }` },
      ...work,
    ])
    await shop.app.heard((app) => app.progress.some((sent) => sent.progress.phase === 'agent'))
    await until(async () => (await readFile(marker).catch(() => null)) !== null)
    const before = Date.now()
    await first.stop()
    expect(Date.now() - before).toBeLessThan(20_000)
    expect(await shop.git('acme/api', 'log', '--format=%s', 'switchyard/run1')).toContain('Begun')
    expect(await shop.git('acme/api', 'show', 'switchyard/run1:half')).toBe('2')
    expect(shop.app.results).toEqual([])
    await runner('second')
    const result = await shop.app.result()
    expect(result.status, JSON.stringify(result)).toBe('finished')
    expect(shop.app.starts).toEqual(['first', 'second'])
    expect(Date.now() - before).toBeLessThan(20_000)
    expect(await shop.git('acme/api', 'show', 'switchyard/run1:done.txt')).toBe('done')
  })

  test(
    '[JOB-5] a runner killed while the agent works: another one goes on from the last checkpoint',
    async () => {
      const marker = path.join(shop.dir, 'working')
      await add(
        [
          { do: 'sh', script: 'test -e begun || { echo 1 > begun; git add -A; git commit -qm Begun; }' },
          { do: 'sh', script: `test -e ${marker} || { touch ${marker}; sleep 600; }` },
          ...work,
        ],
        { limits: { checkpointMs: 1_000 } },
      )
      const first = ownRunner('first', { SWITCHYARD_CRASH_AT: 'checkpoint-pushed' })
      expect(await first.ended).toBe('SIGKILL')
      // Where its agent had no process namespace it outlived the runner; the next one on that machine's data folder ends it.
      const folder = path.join(shop.dir, 'first')
      sweepOrphans(folder)
      await until(async () => processesMarked(JOB_MARKER, jobMark(folder, JOB)).length === 0)
      await runner('second')
      const result = await shop.app.result()
      expect(result.status, JSON.stringify(result)).toBe('finished')
      expect(shop.app.starts.length).toBe(2)
      expect(await shop.git('acme/api', 'log', '--format=%s', 'switchyard/run1')).toBe('Done\nBegun\nThe first commit')
    },
    PATIENCE_MS,
  )
})

async function until(test: () => Promise<boolean>): Promise<void> {
  while (!(await test())) await new Promise((resolve) => setTimeout(resolve, 20))
}
