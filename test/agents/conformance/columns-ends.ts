/** Ends that are not the agent's own will. */
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import process from 'node:process'
import { type Column, commit, failed, finished, shell } from './cell.ts'
import { isRunningWith } from './job-processes.ts'
import { asked, until } from './stand.ts'

const INACTIVITY_MS = 600_000
/** How fast a stopped job must be over: RUN-7. */
const STOP_MS = 10_000
const stalled = { misbehave: { kind: 'stall' as const } }

export const END_COLUMNS: readonly Column[] = [
  {
    title: 'stop mid-turn',
    shows: '[RUN-6]',
    promise: 'Stopped while a command of it runs, it is gone within 10 s with all its processes; what it committed is kept.',
    async check(stand) {
      const shop = await stand.open()
      // By so long a sleep the command is known among all processes of the machine.
      const seconds = String(randomInt(1_000_000_000, 2_000_000_000))
      const long = { say: '', tools: [shell(`exec sleep ${seconds}`)] }
      const job = await stand.start(shop, ({ api }) => [commit(api, 'one.txt'), long])
      await until(() => isRunningWith(seconds), job)
      const before = performance.now()
      shop.app.cancel('Stopped by ada', true)
      const result = await job.done
      assert.ok(performance.now() - before < STOP_MS)
      assert.equal(result.status, 'cancelled')
      assert.deepEqual([result.legs[0]?.ahead, result.legs[0]?.push.status], [1, 'pushed'])
      assert.deepEqual(job.processes(), [])
      assert.ok(!isRunningWith(seconds), 'the command it had started is still there')
      return ''
    },
  },
  {
    title: 'hang',
    shows: '[JOB-9]',
    promise: 'When its model falls silent in the middle of an answer, the watchdog ends it and owns the cause.',
    async check(stand) {
      const job = await stand.start(await stand.open(), ({ api }) => [commit(api, 'one.txt'), stalled])
      await asked(job, 1)
      job.clock.leap(INACTIVITY_MS)
      const result = failed(await job.done)
      assert.equal(result.failure.cause, 'timeout-inactivity')
      assert.equal(result.legs[0]?.push.status, 'pushed')
      assert.deepEqual(job.processes(), [])
      return ''
    },
  },
  {
    title: 'crash',
    shows: '[REP-3]',
    promise: 'Killed without a report, what it had committed is pushed, and the report says that it was recovered.',
    async check(stand) {
      const job = await stand.start(await stand.open(), ({ api }) => [commit(api, 'one.txt'), stalled])
      await asked(job, 1)
      process.kill(job.agent(), 'SIGKILL')
      const result = finished(await job.done)
      assert.deepEqual([result.report.status, result.report.recovered], ['partial', true])
      assert.equal(result.legs[0]?.push.status, 'pushed')
      assert.deepEqual(job.processes(), [])
      return ''
    },
  },
]
