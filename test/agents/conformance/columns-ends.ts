/** Ends that are not the agent's own will. */
import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { type Column, commit, failed, finished, shell } from './cell.ts'
import { asked, until } from './stand.ts'

const INACTIVITY_MS = 600_000
/** How fast a stopped job must be over: RUN-7. */
const STOP_MS = 10_000

export const END_COLUMNS: readonly Column[] = [
  {
    title: 'stop mid-turn',
    shows: '[RUN-6]',
    promise: 'Stopped while a command of it runs, it is gone within 10 s with all its processes; what it committed is kept.',
    async check(stand) {
      const shop = await stand.open()
      const pidFile = path.join(shop.dir, 'pid')
      const long = `echo $$ > '${pidFile}.new' && mv '${pidFile}.new' '${pidFile}' && exec sleep 600`
      const job = await stand.start(shop, ({ api }) => [commit(api, 'one.txt'), { say: '', tools: [shell(long)] }])
      await until(() => isThere(pidFile), job)
      const before = performance.now()
      shop.app.cancel('Stopped by ada', true)
      const result = await job.done
      assert.ok(performance.now() - before < STOP_MS)
      assert.equal(result.status, 'cancelled')
      assert.deepEqual([result.legs[0]?.ahead, result.legs[0]?.push.status], [1, 'pushed'])
      assert.deepEqual(job.processes(), [])
      const pid = Number(readFileSync(pidFile, 'utf8'))
      assert.ok(!isAlive(pid), 'the command it had started is still there')
      return ''
    },
  },
  {
    title: 'hang',
    shows: '[JOB-9]',
    promise: 'When its model falls silent in the middle of an answer, the watchdog ends it and owns the cause.',
    async check(stand) {
      const stalled = { misbehave: { kind: 'stall' as const } }
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
      const stalled = { misbehave: { kind: 'stall' as const } }
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

function isThere(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined
}

function isAlive(pid: number): boolean {
  try {
    const state = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0]
    return state !== 'Z' && state !== 'X'
  } catch {
    return false
  }
}
