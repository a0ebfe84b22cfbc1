import { describe, expect, test } from 'vitest'
import type { JobResult } from '../../src/contract/job.ts'
import type { Effect } from '../../src/pipeline/effects.ts'
import { appendLog, readLog } from '../../src/store/agent-log.ts'
import { getConfiguration, putConfiguration } from '../../src/store/configurations.ts'
import {
  closeJob,
  getJob,
  insertJob,
  jobsOfRun,
  liveJobs,
  lostJobs,
  queuedAheadOf,
  recordHeartbeat,
  recordProgress,
  requestCancel,
  startJob,
  storeResult,
} from '../../src/store/jobs.ts'
import { createLeases } from '../../src/store/leases.ts'
import { withLock } from '../../src/store/locks.ts'
import {
  addEffects,
  countAttempt,
  forgotten,
  getEffect,
  leaveOutOlder,
  markDone,
  markEnqueued,
  markFailed,
  pendingCount,
} from '../../src/store/outbox.ts'
import { getProjection, listProjections, putProjection } from '../../src/store/projections.ts'
import { liveRunners, seenRunner } from '../../src/store/runners.ts'
import { claimTrigger, isTriggerTaken } from '../../src/store/taken-triggers.ts'
import { cancelTimers, dueTimers, markFired, setTimer } from '../../src/store/timers.ts'
import { someRunId, someSpec } from './fixtures.ts'

import type { Opened } from './opened.ts'

const RESULT: JobResult = {
  status: 'cancelled',
  reason: 'Asked to.',
  legs: [],
  usage: {},
  notes: [],
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: '2026-01-01T00:00:01.000Z',
}

/** What is kept of the work on its way: effects, timers, jobs, and what GitHub shows. */
export function workSuite(opened: Opened): void {
  describe('outbox', () => {
    test('an effect goes from committed to enqueued to done, once', async () => {
      const run = someRunId()
      const [one, two]: Effect[] = [
        { kind: 'show', id: `${run}-1` },
        { kind: 'finish-issue', id: `${run}-2` },
      ]
      if (one === undefined || two === undefined) throw new Error('unreachable')
      await addEffects(opened.store.db, run, [one, two], 100)
      await addEffects(opened.store.db, run, [one], 200)
      expect(await getEffect(opened.store.db, one.id)).toMatchObject({
        runId: run,
        state: 'committed',
        attempts: 0,
        effect: one,
      })
      const stale = async () =>
        (await forgotten(opened.store.db, { committedBefore: 150, enqueuedBefore: 1_000, limit: 10_000 }))
          .filter(({ runId }) => runId === run)
          .map(({ id }) => id)
      expect(await stale()).toEqual([one.id, two.id])
      await markEnqueued(opened.store.db, [one.id, two.id], 1_000)
      expect(await stale()).toEqual([])
      await markEnqueued(opened.store.db, [two.id], 999)
      expect(await stale()).toEqual([two.id])
      expect(await countAttempt(opened.store.db, one.id, 'no answer')).toBe(1)
      expect(await markDone(opened.store.db, one.id)).toBe(true)
      expect(await markDone(opened.store.db, one.id)).toBe(false)
      expect(await markFailed(opened.store.db, one.id, 'late')).toBe(false)
      await markEnqueued(opened.store.db, [one.id])
      expect(await getEffect(opened.store.db, one.id)).toMatchObject({ state: 'done', attempts: 1, error: null })
      expect(await markFailed(opened.store.db, two.id, 'gave up')).toBe(true)
      expect(await getEffect(opened.store.db, two.id)).toMatchObject({ state: 'failed', error: 'gave up' })
      expect(await pendingCount(opened.store.db, run)).toBe(0)
      expect(await getEffect(opened.store.db, 'nothing')).toBeNull()
    })

    test('of several of a kind written in one millisecond exactly one is left to be done', async () => {
      const run = someRunId()
      const ids = [1, 2, 3].map((n) => `${run}-show-${n}`)
      await addEffects(
        opened.store.db,
        run,
        ids.map((id) => ({ kind: 'show', id })),
        100,
      )
      await addEffects(opened.store.db, run, [{ kind: 'clean-up', id: `${run}-clean`, legs: [] }], 100)
      await Promise.all(ids.map(() => leaveOutOlder(opened.store.db, run, 'show')))
      const states = await Promise.all([...ids, `${run}-clean`].map((id) => getEffect(opened.store.db, id)))
      expect(states.map((effect) => effect?.state)).toEqual(['done', 'done', 'committed', 'committed'])
    })
  })

  describe('timers', () => {
    test('fire once when due; setting one again moves it and arms it', async () => {
      const run = someRunId()
      const mine = async (now: number) => (await dueTimers(opened.store.db, now, 10_000)).filter(({ runId }) => runId === run)
      await setTimer(opened.store.db, run, { id: 'grace', at: 100 })
      expect(await mine(99)).toEqual([])
      expect(await mine(100)).toEqual([{ runId: run, id: 'grace', dueAt: 100 }])
      const fired = await Promise.all([1, 2, 3].map(() => markFired(opened.store.db, { runId: run, id: 'grace' }, 100)))
      expect(fired.filter(Boolean)).toHaveLength(1)
      expect(await mine(1_000)).toEqual([])
      await setTimer(opened.store.db, run, { id: 'grace', at: 200 })
      expect(await markFired(opened.store.db, { runId: run, id: 'grace' }, 150)).toBe(false)
      expect(await mine(200)).toHaveLength(1)
      await cancelTimers(opened.store.db, run)
      expect(await mine(200)).toEqual([])
    })
  })

  describe('jobs', () => {
    test('a job is started, lives, and takes one result, of its current start', async () => {
      const spec = someSpec()
      expect(await insertJob(opened.store.db, spec, 10)).toEqual({ turn: expect.any(Number) })
      expect(await insertJob(opened.store.db, spec, 20)).toBeNull()
      expect(await startJob(opened.store.db, spec.id, 'runner-1', 100)).toEqual({ start: 1 })
      expect(await startJob(opened.store.db, spec.id, 'runner-2', 200)).toEqual({ start: 2 })
      expect(await recordProgress(opened.store.db, spec.id, 1, null, 300)).toBeNull()
      expect(await recordProgress(opened.store.db, spec.id, 2, { phase: 'agent', usage: { turns: 3 } }, 300)).toEqual({
        cancel: null,
        cancelKeep: false,
      })
      expect((await lostJobs(opened.store.db, { heartbeatBefore: 301 })).map(({ id }) => id)).toContain(spec.id)
      await recordHeartbeat(opened.store.db, 'runner-1', [spec.id], 400)
      expect((await lostJobs(opened.store.db, { heartbeatBefore: 301 })).map(({ id }) => id)).toContain(spec.id)
      await recordHeartbeat(opened.store.db, 'runner-2', [spec.id], 400)
      expect((await lostJobs(opened.store.db, { heartbeatBefore: 301 })).map(({ id }) => id)).not.toContain(spec.id)
      expect(await storeResult(opened.store.db, spec.id, 1, RESULT)).toBe(false)
      const stored = await Promise.all([1, 2, 3].map(() => storeResult(opened.store.db, spec.id, 2, RESULT, 500)))
      expect(stored.filter(Boolean)).toHaveLength(1)
      expect(await startJob(opened.store.db, spec.id, 'runner-3')).toBeNull()
      expect(await getJob(opened.store.db, spec.id)).toMatchObject({
        state: 'over',
        runner: 'runner-2',
        start: 2,
        startedAt: 100,
        endedAt: 500,
        spec,
        progress: { phase: 'agent' },
        result: RESULT,
      })
    })

    test('cancelling ends a queued job at once and tells a running one', async () => {
      const queued = someSpec()
      await insertJob(opened.store.db, queued, 10)
      expect(await requestCancel(opened.store.db, queued.id, { why: 'stopped', keep: false }, 20)).toBe('cancelled')
      expect(await startJob(opened.store.db, queued.id, 'runner-1')).toBeNull()
      expect(await getJob(opened.store.db, queued.id)).toMatchObject({ state: 'cancelled', cancel: 'stopped', endedAt: 20 })

      const running = someSpec()
      await insertJob(opened.store.db, running, 10)
      await startJob(opened.store.db, running.id, 'runner-1')
      expect(await requestCancel(opened.store.db, running.id, { why: 'stopped', keep: true })).toBe('running')
      expect(await getJob(opened.store.db, running.id)).toMatchObject({ cancel: 'stopped', cancelKeep: true })
      expect(await requestCancel(opened.store.db, running.id, { why: 'again', keep: false })).toBe('running')
      expect(await recordProgress(opened.store.db, running.id, 1, null)).toEqual({
        cancel: 'stopped',
        cancelKeep: false,
      })
      expect(await startJob(opened.store.db, running.id, 'runner-2')).toBeNull()
      expect(await closeJob(opened.store.db, running.id, 'cancelled', 30)).toBe(true)
      expect(await closeJob(opened.store.db, running.id, 'over')).toBe(false)
      expect(await storeResult(opened.store.db, running.id, 1, RESULT)).toBe(false)
      expect(await requestCancel(opened.store.db, running.id, { why: 'late', keep: true })).toBe('cancelled')
      expect(await requestCancel(opened.store.db, someSpec().id, { why: 'who', keep: false })).toBeNull()
    })

    test('queued ones know how many come before them', async () => {
      const specs = [someSpec(), someSpec(), someSpec()]
      for (const spec of specs) await insertJob(opened.store.db, spec, 5)
      const [a, b, c] = specs.map(({ id }) => id).toSorted()
      if (a === undefined || b === undefined || c === undefined) throw new Error('unreachable')
      expect(await queuedAheadOf(opened.store.db, a)).toBe(0)
      expect(await queuedAheadOf(opened.store.db, c)).toBe(2)
      await startJob(opened.store.db, a, 'runner-1')
      expect(await queuedAheadOf(opened.store.db, a)).toBe(0)
      expect(await queuedAheadOf(opened.store.db, c)).toBe(1)
      expect((await liveJobs(opened.store.db)).map(({ id }) => id)).toEqual(expect.arrayContaining([a, b, c]))
      expect(await jobsOfRun(opened.store.db, specs[0]?.run ?? someRunId())).toHaveLength(1)
    })

    test('log lines are kept once and read on from a position, over all starts', async () => {
      const { id } = someSpec()
      const line = (seq: number, text: string) => ({ seq, at: '2026-01-01T00:00:00.000Z', kind: 'text' as const, text })
      await appendLog(opened.store.db, id, 1, [line(0, 'one'), line(1, 'two\0')])
      await appendLog(opened.store.db, id, 1, [line(1, 'two again'), line(2, 'three')])
      await appendLog(opened.store.db, id, 2, [line(0, 'four')])
      const [first, ...rest] = await readLog(opened.store.db, id, 0, 10)
      expect([first, ...rest].map((row) => row?.text)).toEqual(['one', 'two\ufffd', 'three', 'four'])
      expect(await readLog(opened.store.db, id, first?.position ?? 0, 10)).toEqual(rest)
      expect(await readLog(opened.store.db, id, 0, 1)).toEqual([first])
    })
  })

  describe('the rest', () => {
    test('runners are seen until they are silent', async () => {
      const heartbeat = { runner: someRunId(), version: '1', concurrency: 2, active: [], runtimes: [] }
      await seenRunner(opened.store.db, heartbeat, 100)
      await seenRunner(opened.store.db, { ...heartbeat, active: ['x'] }, 200)
      expect(await liveRunners(opened.store.db, 200)).toContainEqual({ ...heartbeat, active: ['x'], seenAt: 200 })
      expect((await liveRunners(opened.store.db, 201)).map(({ runner }) => runner)).not.toContain(heartbeat.runner)
    })

    test('projections are replaced by key', async () => {
      const run = someRunId()
      await putProjection(opened.store.db, run, 'comment', { externalId: null, digest: 'a' }, 1)
      await putProjection(opened.store.db, run, 'comment', { externalId: '77', digest: 'b' }, 2)
      await putProjection(opened.store.db, run, 'check:code', { externalId: '8', digest: 'c' }, 3)
      expect(await getProjection(opened.store.db, run, 'comment')).toEqual({
        runId: run,
        key: 'comment',
        externalId: '77',
        digest: 'b',
        at: 2,
      })
      expect((await listProjections(opened.store.db, run)).map(({ key }) => key)).toEqual(['check:code', 'comment'])
      expect(await getProjection(opened.store.db, run, 'label')).toBeNull()
    })

    test('a trigger is taken once, also by many at once', async () => {
      const key = `comment:${someRunId()}:0`
      const taken = await Promise.all([1, 2, 3, 4].map(() => claimTrigger(opened.store.db, key)))
      expect(taken.filter(Boolean)).toHaveLength(1)
      expect(await isTriggerTaken(opened.store.db, key)).toBe(true)
      expect(await isTriggerTaken(opened.store.db, `${key}x`)).toBe(false)
    })

    test('a bad configuration leaves the last good one', async () => {
      await putConfiguration(opened.store.db, 5, { sha: 'one', source: 'a: 1', good: { a: 1 }, errors: null }, 1)
      await putConfiguration(opened.store.db, 5, { sha: 'two', source: 'a: [', errors: ['line 1'] }, 2)
      expect(await getConfiguration(opened.store.db, 5)).toEqual({
        repositoryId: 5,
        sha: 'two',
        source: 'a: [',
        good: { a: 1 },
        errors: ['line 1'],
        at: 2,
      })
      expect(await getConfiguration(opened.store.db, 6)).toBeNull()
    })

    test('a lock lets one in at a time', async () => {
      const seen: string[] = []
      await Promise.all(
        ['a', 'b', 'c'].map((name) =>
          withLock(opened.store.db, 'admission', async (tx) => {
            seen.push(`${name} in`)
            await claimTrigger(tx, `lock:${name}`)
            seen.push(`${name} out`)
          }),
        ),
      )
      for (let n = 0; n < seen.length; n += 2) expect(seen[n + 1]).toBe(seen[n]?.replace('in', 'out'))
    })

    test('a lease is held by one at a time, in this and in other processes, and is given back when its action fails', async () => {
      const here = createLeases(opened.store)
      const there = opened.store.kind === 'postgres' ? createLeases(opened.store) : here
      const seen: string[] = []
      const held = Promise.withResolvers<void>()
      const inside = Promise.withResolvers<void>()
      const first = here.withLease('effects', async () => {
        seen.push('first in')
        inside.resolve()
        await held.promise
        seen.push('first out')
        throw new Error('failed')
      })
      await inside.promise
      const second = there.withLease('effects', async () => seen.push('second'))
      const other = there.withLease('others', async () => seen.push('other'))
      await other
      held.resolve()
      await expect(first).rejects.toThrow('failed')
      await second
      expect(seen).toEqual(['first in', 'other', 'first out', 'second'])
      await here.close()
      await there.close()
    })

    test('it answers a ping', async () => {
      await expect(opened.store.ping()).resolves.toBeUndefined()
    })
  })
}
