/** A runner is lost in the middle of a job, in every way: another one goes on, and the lost one can do no harm. */
import { access, writeFile } from 'node:fs/promises'
import path from 'node:path'
import pLimit from 'p-limit'
import { afterAll, describe, expect, test } from 'vitest'
import { JOB_MARKER, jobMark, processesMarked, sweepOrphans } from '../../runner/watch/process-tree.ts'
import type { JobId } from '../../src/contract/ids.ts'
import { getRun } from '../../src/store/runs.ts'
import { missingFor } from '../faults/backends.ts'
import { type Step, success } from '../runner/workshop.ts'
import { openYard, type Yard, type YardRunner } from './yard.ts'

const CASE_MS = 180_000
/** From the loss to the work going on elsewhere, at most, in s: JOB-11. */
const GOES_ON_WITHIN_SECONDS = 20
const missing = missingFor('services')
const title = missing === null ? 'a lost runner' : `a lost runner (skipped: ${missing} is not set)`
/** Cases at the same time: each mostly waits. */
const limit = pLimit(3)
const seconds: string[] = []
afterAll(() => console.log(`From the loss of a runner to its job going on elsewhere:\n${seconds.join('\n')}`))

/** Commits, works until it is let go (only the first start does), commits once more. */
const work = ({ shop: { dir } }: Yard): Step[] => [
  { do: 'sh', script: 'test -e begun.txt || { echo 1 > begun.txt; git add -A; git commit -qm Begun; }' },
  {
    do: 'sh',
    script: `test -e ${dir}/working || { touch ${dir}/working; while test -d ${dir} && test ! -e ${dir}/go; do sleep 0.05; done; }`,
  },
  { do: 'sh', script: 'test -e done.txt || { echo 1 > done.txt; git add -A; git commit -qm Done; }' },
  success(),
]

const onYard = (act: (yard: Yard) => Promise<void>): Promise<void> =>
  limit(async () => {
    const yard = await openYard()
    try {
      await yard.shop.repository('acme/api')
      await act(yard)
    } finally {
      await yard.close()
    }
  })

const branchOf = (job: JobId) => `switchyard/${job.split('-')[0]}`
const historyOf = ({ shop }: Yard, job: JobId) => shop.git('acme/api', 'log', '--format=%s', branchOf(job))
const agentsOf = (runner: YardRunner, job: JobId) => processesMarked(JOB_MARKER, jobMark(runner.dataDir, job))
const isThere = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  )

/** A runner with the job, its agent at work and a checkpoint pushed; and another runner that is idle. */
async function atWork(yard: Yard): Promise<{ first: YardRunner; second: YardRunner; job: JobId }> {
  const first = await yard.runner()
  const job = await yard.job(work(yard), { limits: { checkpointMs: 1_000 }, settings: { retry: { infrastructure: 5 } } })
  await yard.until('the agent at work', () => isThere(path.join(yard.shop.dir, 'working')))
  await yard.until('a checkpoint', async () => (await yard.shop.git('acme/api', 'branch', '--list', branchOf(job))) !== '')
  return { first, second: await yard.runner(), job }
}

/** Waits until the second start has begun, and then for the end; gives after how many seconds it had begun. */
async function goesOn(yard: Yard, job: JobId, from: number, what: string): Promise<void> {
  const took = ((await yard.started(job, 2)).at - from) / 1_000
  seconds.push(`${took.toFixed(1)} s  ${what}`)
  expect(took).toBeLessThan(GOES_ON_WITHIN_SECONDS)
  expect(await yard.over(job)).toMatchObject({ start: 2, handBacks: 0, result: { status: 'finished', legs: [{ ahead: 2 }] } })
  expect(await historyOf(yard, job)).toBe('Done\nBegun\nThe first commit')
}

describe.skipIf(missing !== null).concurrent(title, { timeout: CASE_MS }, () => {
  test('[JOB-11] killed: its job goes on elsewhere from the last checkpoint', () =>
    onYard(async (yard) => {
      const { first, job } = await atWork(yard)
      const from = Date.now()
      first.signal('SIGKILL')
      await goesOn(yard, job, from, 'killed')
      // Where its agent had no process namespace it outlived the runner; the next one that starts on that machine ends it.
      sweepOrphans(first.dataDir)
      await yard.until('the death of its agent', () => agentsOf(first, job).length === 0)
    }))

  test('[JOB-11] standing still, and back as a zombie: its agent is killed, it pushes and reports nothing', () =>
    onYard(async (yard) => {
      const { first, job } = await atWork(yard)
      const from = Date.now()
      first.signal('SIGSTOP')
      await goesOn(yard, job, from, 'standing still')
      const [tokens, head] = [yard.minted.length, await yard.shop.git('acme/api', 'rev-parse', branchOf(job))]
      expect(agentsOf(first, job).length).toBeGreaterThan(0)
      first.signal('SIGCONT')
      await yard.until('the death of its agent', () => agentsOf(first, job).length === 0)
      first.signal('SIGTERM')
      expect(await first.exited).toBe(0)
      expect(yard.minted.length).toBe(tokens)
      expect(await yard.shop.git('acme/api', 'rev-parse', branchOf(job))).toBe(head)
    }))

  test('[JOB-11] standing still with the leave to push in its hands: back while another start is at work, it pushes nothing', () =>
    onYard(async (yard) => {
      const { dir } = yard.shop
      const again = `{ touch ${dir}/again; while test -d ${dir} && test ! -e ${dir}/go; do sleep 0.05; done; }`
      const first = await yard.runner()
      let late: string | null = null
      yard.before.mint = ({ token, operation }) => {
        if (operation !== 'push' || late !== null) return
        late = token
        first.signal('SIGSTOP')
      }
      const job = await yard.job([
        { do: 'sh', script: `if test -e ${dir}/working; then ${again}; fi; touch ${dir}/working` },
        { do: 'sh', script: 'echo 1 > done.txt; git add -A; git commit -qm Done' },
        success(),
      ])
      await yard.until('the leave to push', () => late !== null)
      await yard.runner()
      await yard.until('the second start at work', () => isThere(path.join(dir, 'again')))
      const asked = yard.asked.length
      first.signal('SIGCONT')
      await yard.until('its being told', () => yard.asked.slice(asked).some(({ status }) => status >= 400))
      first.signal('SIGTERM')
      expect(await first.exited).toBe(0)
      expect(await yard.shop.git('acme/api', 'branch', '--list', branchOf(job))).toBe('')
      await writeFile(path.join(dir, 'go'), '')
      expect(await yard.over(job)).toMatchObject({ start: 2, result: { status: 'finished', legs: [{ ahead: 1 }] } })
      const pushes = yard.shop.server.requests.filter(({ token }) => token === late)
      expect(pushes.map(({ status }) => status)).not.toContain(200)
    }))

  test('[JOB-11] a push that is on its way when its start is superseded is refused', () =>
    onYard(async (yard) => {
      const { first, job } = await atWork(yard)
      let late: string | null = null
      yard.before.mint = ({ token, operation }) => {
        if (operation !== 'push' || late !== null) return
        late = token
        yard.git.cut('stall')
      }
      await writeFile(path.join(yard.shop.dir, 'go'), '')
      await yard.until('the push', () => late !== null && yard.git.held() > 0)
      const from = Date.now()
      first.signal('SIGKILL')
      await yard.started(job, 2)
      // What it had committed and not pushed goes with it; its git lives, and its push arrives only now.
      yard.git.mend()
      await goesOn(yard, job, from, 'killed while it pushed')
      expect(yard.revoked).toContain(late)
      const pushes = yard.shop.server.requests.filter(({ token }) => token === late)
      expect(pushes.map(({ status }) => status)).not.toContain(200)
      expect(pushes.length).toBeGreaterThan(0)
    }))

  test('[JOB-11] cut off from Redis: the app tells it that its job is elsewhere; mended, it takes jobs again', () =>
    onYard(async (yard) => {
      const { first, second, job } = await atWork(yard)
      const from = Date.now()
      first.redis.cut('stall')
      await goesOn(yard, job, from, 'cut off from Redis')
      await yard.until('the death of its agent', () => agentsOf(first, job).length === 0)
      first.redis.mend()
      second.signal('SIGTERM')
      expect(await second.exited).toBe(0)
      const next = await yard.job(work(yard))
      expect(await yard.over(next)).toMatchObject({ start: 1, result: { status: 'finished' } })
    }))

  test('[JOB-11] cut off from the app: the job fails as evicted and another is asked for; it takes no further one', () =>
    onYard(async (yard) => {
      const { first, job } = await atWork(yard)
      const held = (await yard.started(job, 1)).runner
      expect(await yard.sweep(1_000_000), 'nobody is silent yet').toBe(0)
      first.app.cut('reset')
      await yard.until('the runner to be given up', () => yard.sweep(12_000))
      const run = await getRun(yard.store.db, (await yard.over(job)).runId)
      expect(run?.steps[0]).toMatchObject({
        retries: { own: 0, infrastructure: 1 },
        status: { state: 'active', wait: { for: 'retry' } },
      })
      const next = await yard.job(work(yard))
      expect((await yard.started(next, 1)).runner).not.toBe(held)
      expect(await yard.over(next)).toMatchObject({ result: { status: 'finished' } })
      first.app.mend()
      await yard.until('the death of its agent', () => agentsOf(first, job).length === 0)
      expect(await historyOf(yard, job)).toBe('Begun\nThe first commit')
    }))

  test('[JOB-11] cut off from the repositories: the job fails with its cause instead of hanging', () =>
    onYard(async (yard) => {
      await yard.runner()
      yard.git.cut('reset')
      const job = await yard.job(work(yard))
      expect(await yard.over(job)).toMatchObject({ result: { status: 'failed', failure: { cause: 'git' } } })
    }))
})
