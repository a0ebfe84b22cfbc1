import { describe, expect, test } from 'vitest'
import { HeadSha, LegKey } from '../../src/contract/ids.ts'
import type { Effect } from '../../src/pipeline/effects.ts'
import type { Run } from '../../src/pipeline/model.ts'
import { activeCounts, queuedRuns } from '../../src/store/admission.ts'
import { claimEvent } from '../../src/store/applied-events.ts'
import { getDelivery, listDeliveries, listUnprocessed, markDelivery } from '../../src/store/deliveries.ts'
import { listHistory } from '../../src/store/history.ts'
import { pendingCount } from '../../src/store/outbox.ts'
import { findLegByBranch, findLegByPull, findLegsByHead, findLegsByMerge } from '../../src/store/run-legs.ts'
import {
  findLatestRun,
  findLiveRun,
  getRun,
  getRunRow,
  insertRun,
  listRuns,
  liveRunIds,
  lockRun,
} from '../../src/store/runs.ts'
import { applyEvent, lockAndClaim, saveAll, saveRun } from '../../src/store/save-run.ts'
import { createDeliveryStore, storeDelivery } from '../../src/store/store-delivery.ts'
import { dueTimers } from '../../src/store/timers.ts'
import { type RunShape, someRun, someRunId } from './fixtures.ts'

import type { Opened } from './opened.ts'

const HEAD = HeadSha.parse('a'.repeat(40))
const STOPPED = { state: 'stopped', by: 'ada', why: 'Enough.' } as const

/** What is kept of deliveries, runs and the decisions for them. */
export function runsSuite(opened: Opened): void {
  const create = async (shape: RunShape = {}, priority = false) => {
    const run = someRun(shape)
    const inserted = await opened.store.db.transaction((tx) => insertRun(tx, run, 'queued', { priority }))
    return { run, inserted }
  }

  describe('deliveries', () => {
    const delivery = (id: string, receivedAt = 1_000) => ({
      id,
      event: 'issues',
      action: 'labeled',
      installationId: 7_000_000_000,
      repositoryId: 8_000_000_000,
      payload: { deep: ['a', { b: null }], nul: 'x\0y', half: '\ud83d', kept: '\\u0000' },
      receivedAt,
    })

    test('a delivery is stored once by its id, with what Postgres refuses in it made harmless', async () => {
      const id = someRunId()
      expect(await storeDelivery(opened.store.db, delivery(id))).toBe('stored')
      expect(await storeDelivery(opened.store.db, { ...delivery(id), event: 'push' })).toBe('repeated')
      expect(await getDelivery(opened.store.db, id)).toMatchObject({
        event: 'issues',
        installationId: 7_000_000_000,
        payload: { deep: ['a', { b: null }], nul: 'x\ufffdy', half: '\ufffd', kept: '\\u0000' },
        state: 'stored',
      })
    })

    test('deliveries that come at the same time are stored once each, and one that cannot be stored is nobody else’s fault', async () => {
      const store = createDeliveryStore(opened.store.db)
      const ids = Array.from({ length: 20 }, someRunId)
      const outcomes = await Promise.all([...ids, ...ids].map((id) => store(delivery(id))))
      expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(20)
      for (const id of ids) expect(await getDelivery(opened.store.db, id)).toMatchObject({ event: 'issues' })

      const beyond = { ...delivery(someRunId()), repositoryId: 1e19 }
      const mixed = await Promise.allSettled([delivery(someRunId()), beyond, delivery(someRunId())].map(store))
      expect(mixed.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    })

    test('unprocessed ones are found by age until they are done, attempts are counted', async () => {
      const id = someRunId()
      await storeDelivery(opened.store.db, delivery(id, 500))
      expect(await listUnprocessed(opened.store.db, 501, 1_000)).toContain(id)
      expect(await listUnprocessed(opened.store.db, 500, 1_000)).not.toContain(id)
      await markDelivery(opened.store.db, id, 'stored', 'GitHub did not answer', 600)
      expect(await listUnprocessed(opened.store.db, 501, 1_000)).toContain(id)
      await markDelivery(opened.store.db, id, 'done', null, 700)
      expect(await listUnprocessed(opened.store.db, 501, 1_000)).not.toContain(id)
      expect(await getDelivery(opened.store.db, id)).toMatchObject({
        state: 'done',
        attempts: 2,
        error: null,
        processedAt: 700,
      })
    })

    test('lists page from the newest without payloads', async () => {
      for (let n = 0; n < 5; n++) await storeDelivery(opened.store.db, delivery(someRunId(), 9_000_000 + (n >> 1)))
      const first = await listDeliveries(opened.store.db, { limit: 3 })
      const rest = await listDeliveries(opened.store.db, { limit: 2, before: first[2] })
      const times = [...first, ...rest].map((row) => row.receivedAt)
      expect(times).toEqual([9_000_002, 9_000_001, 9_000_001, 9_000_000, 9_000_000])
      expect(new Set([...first, ...rest].map((row) => row.id)).size).toBe(5)
      expect(first[0]).not.toHaveProperty('payload')
    })
  })

  describe('runs', () => {
    test('an issue has one live run at most, also when many are created at once', async () => {
      const number = 4_711
      const tries = await Promise.all(Array.from({ length: 8 }, () => create({ number })))
      const made = tries.filter(({ inserted }) => inserted.created)
      expect(made).toHaveLength(1)
      const id = made[0]?.run.id
      for (const { inserted } of tries) expect(inserted.created || inserted.live === id).toBe(true)
      expect(await findLiveRun(opened.store.db, 101, number)).toBe(id)
    })

    test('when it is over the issue may have another, and the latest is found', async () => {
      const { run } = await create({ number: 4_712, createdAt: 1 })
      await opened.store.db.transaction((tx) => saveRun(tx, { ...run, version: 1, status: STOPPED, endedAt: 5 }, 'stopped', 5))
      expect(await findLiveRun(opened.store.db, 101, 4_712)).toBeNull()
      const again = await create({ number: 4_712, createdAt: 2 })
      expect(again.inserted).toEqual({ created: true })
      expect(await findLatestRun(opened.store.db, 101, 4_712)).toBe(again.run.id)
      expect(await getRunRow(opened.store.db, run.id)).toMatchObject({
        state: 'stopped',
        live: false,
        endedAt: 5,
        updatedAt: 5,
      })
    })

    test('creating the same run twice says that it is there', async () => {
      const { run } = await create()
      const again = await opened.store.db.transaction((tx) => insertRun(tx, run, 'queued', { priority: false }))
      expect(again).toEqual({ created: false, live: run.id })
    })

    test('a run comes back as it was saved', async () => {
      const { run } = await create({ legs: [{ key: 'a', head: HEAD, pull: 3 }, { key: 'b' }] })
      expect(await getRun(opened.store.db, run.id)).toEqual(run)
      expect(await getRun(opened.store.db, someRunId())).toBeNull()
      expect(await liveRunIds(opened.store.db)).toContain(run.id)
    })

    test('decisions for one run come one after the other', async () => {
      const { run } = await create()
      await Promise.all(
        Array.from({ length: 10 }, () =>
          opened.store.db.transaction(async (tx) => {
            const locked = await lockRun(tx, run.id)
            if (locked === null) throw new Error('gone')
            await saveRun(tx, { ...locked, version: locked.version + 1 }, 'running')
          }),
        ),
      )
      expect((await getRun(opened.store.db, run.id))?.version).toBe(10)
    })

    test('lists page from the newest, by state and repository', async () => {
      const repositoryId = 987_654
      const made = []
      for (let n = 0; n < 5; n++) made.push((await create({ repositoryId, createdAt: 50 + (n >> 1) })).run.id)
      const first = await listRuns(opened.store.db, { repositoryId, limit: 3 })
      const rest = await listRuns(opened.store.db, { repositoryId, state: 'queued', limit: 3, before: first[2] })
      expect([...first, ...rest].map((row) => row.createdAt)).toEqual([52, 51, 51, 50, 50])
      expect(new Set([...first, ...rest].map((row) => row.id))).toEqual(new Set(made))
      expect(await listRuns(opened.store.db, { repositoryId, state: 'done', limit: 3 })).toEqual([])
      expect(first[0]).not.toHaveProperty('data')
    })

    test('queued ones are ordered by priority, then age; admitted ones are counted', async () => {
      const repositoryId = 777_001
      const shape = { repositoryId, requesterId: 777_002 }
      const young = (await create({ ...shape, createdAt: 30 })).run
      const old = (await create({ ...shape, createdAt: 10 })).run
      const urgent = (await create({ ...shape, createdAt: 40 }, true)).run
      const queued = async () =>
        (await queuedRuns(opened.store.db)).filter((row) => row.repositoryId === repositoryId).map((row) => row.id)
      expect(await queued()).toEqual([urgent.id, old.id, young.id])
      await saveRun(opened.store.db, { ...old, version: 1, status: { state: 'active' }, admittedAt: 50 }, 'running')
      expect(await queued()).toEqual([urgent.id, young.id])
      const counts = await activeCounts(opened.store.db)
      expect(counts.repositories.get(repositoryId)).toBe(1)
      expect(counts.requesters.get(777_002)).toBe(1)
      expect(counts.total).toBeGreaterThanOrEqual(1)
    })

    test('legs of live runs are found by the commit that their merge made', async () => {
      const repositoryId = 555_002
      const made = { key: 'shop', repositoryId, branch: 'switchyard/m', head: HEAD, pull: 13 }
      const { run } = await create({ legs: [made] })
      const mergeSha = HeadSha.parse('b'.repeat(40))
      expect(await findLegsByMerge(opened.store.db, repositoryId, mergeSha)).toEqual([])
      const legs = run.legs.map((leg) => ({ ...leg, pull: leg.pull === null ? null : { ...leg.pull, mergeSha } }))
      await saveRun(opened.store.db, { ...run, version: 1, legs }, 'running')
      const ref = { runId: run.id, key: LegKey.parse('shop') }
      expect(await findLegsByMerge(opened.store.db, repositoryId, mergeSha)).toEqual([ref])
      expect(await findLegsByMerge(opened.store.db, repositoryId + 1, mergeSha)).toEqual([])
      await saveRun(opened.store.db, { ...run, version: 2, legs, status: STOPPED }, 'stopped')
      expect(await findLegsByMerge(opened.store.db, repositoryId, mergeSha)).toEqual([])
    })

    test('legs of live runs are found by head, pull request and branch, as last saved', async () => {
      const repositoryId = 555_001
      const { run } = await create({ legs: [{ key: 'shop', repositoryId, branch: 'switchyard/x' }] })
      const ref = { runId: run.id, key: LegKey.parse('shop') }
      expect(await findLegByBranch(opened.store.db, repositoryId, 'switchyard/x')).toEqual(ref)
      expect(await findLegsByHead(opened.store.db, repositoryId, HEAD)).toEqual([])
      const pushed = someRun({
        id: run.id,
        version: 1,
        legs: [{ key: 'shop', repositoryId, branch: 'switchyard/x', head: HEAD, pull: 12 }],
      })
      await saveRun(opened.store.db, pushed, 'running')
      expect(await findLegsByHead(opened.store.db, repositoryId, HEAD)).toEqual([ref])
      expect(await findLegByPull(opened.store.db, repositoryId, 12)).toEqual(ref)
      await saveRun(opened.store.db, { ...pushed, version: 2, status: STOPPED }, 'stopped')
      expect(await findLegByPull(opened.store.db, repositoryId, 12)).toBeNull()
      expect(await findLegByBranch(opened.store.db, repositoryId, 'switchyard/x')).toBeNull()
    })
  })

  describe('decisions', () => {
    const show = (id: string): Effect => ({ kind: 'show', id })

    test('are kept whole: run, legs, facts in order, effects, timers', async () => {
      const { run } = await create()
      const facts = Array.from({ length: 12 }, (_, n) => ({ what: 'step.entered', who: 'ada', text: `No. ${n} \0` }))
      await opened.store.db.transaction((tx) =>
        saveAll(
          tx,
          {
            run: { ...run, version: 1 },
            state: 'waiting',
            facts,
            effects: [show(`${run.id}-1`), show(`${run.id}-2`)],
            timers: [{ id: 'grace', at: 900 }],
          },
          100,
        ),
      )
      expect((await listHistory(opened.store.db, run.id, { limit: 20 })).map((row) => row.text)).toEqual(
        facts.map(({ text }) => text.replace('\0', '\ufffd')),
      )
      expect(await pendingCount(opened.store.db, run.id)).toBe(2)
      expect(await dueTimers(opened.store.db, 900, 1_000)).toContainEqual({ runId: run.id, id: 'grace', dueAt: 900 })
      expect(await getRunRow(opened.store.db, run.id)).toMatchObject({ state: 'waiting', version: 1, updatedAt: 100 })
    })

    test('an event is claimed once, also by many at once', async () => {
      const { run } = await create()
      const claims = await Promise.all(
        Array.from({ length: 6 }, () =>
          opened.store.db.transaction(async (tx) => (await lockAndClaim(tx, run.id, 'job:1', 1))?.first),
        ),
      )
      expect(claims.filter(Boolean)).toHaveLength(1)
      expect(await opened.store.db.transaction((tx) => claimEvent(tx, run.id, 'job:1'))).toBe(false)
      expect(await opened.store.db.transaction((tx) => claimEvent(tx, run.id, 'job:2'))).toBe(true)
      expect(await opened.store.db.transaction((tx) => lockAndClaim(tx, someRunId(), 'job:1', 1))).toBeNull()
    })

    test('a claim is given back when its transaction fails', async () => {
      const { run } = await create()
      const failing = opened.store.db.transaction(async (tx) => {
        await lockAndClaim(tx, run.id, 'job:1', 1)
        throw new Error('crash')
      })
      await expect(failing).rejects.toThrow('crash')
      expect(await opened.store.db.transaction((tx) => lockAndClaim(tx, run.id, 'job:1', 1))).toMatchObject({ first: true })
    })

    test('what the caller remembers of a run is used where it is right, and read anew where it is not', async () => {
      const { run } = await create()
      const decided: number[] = []
      const apply = (eventKey: string, known: Run) =>
        applyEvent(opened.store.db, { id: run.id, eventKey, at: 1, known }, (read) => {
          decided.push(read.version)
          if (read.version === 3) return null
          return { run: { ...read, version: read.version + 1 }, state: 'running', facts: [], effects: [] }
        })
      expect(await apply('a', run)).toMatchObject({ outcome: 'saved', before: { version: 0 } })
      expect(await apply('b', run)).toMatchObject({ outcome: 'saved', before: { version: 1 } })
      expect(decided).toEqual([0, 0, 1])
      const second = await getRun(opened.store.db, run.id)
      if (second === null) throw new Error('not there')
      expect(await apply('a', second)).toMatchObject({ outcome: 'repeated', run: { version: 2 } })
      expect(await apply('c', { ...run, version: 3 })).toMatchObject({ outcome: 'saved', before: { version: 2 } })
      expect(await apply('d', second)).toMatchObject({ outcome: 'unchanged', run: { version: 3 } })
      expect((await getRun(opened.store.db, run.id))?.version).toBe(3)
    })

    test('events applied at once are each applied once, none is lost, repeats change nothing', async () => {
      const { run } = await create()
      const keys = Array.from({ length: 12 }, (_, n) => `event:${n % 6}`)
      const outcomes = await Promise.all(
        keys.map((key) =>
          applyEvent(opened.store.db, { id: run.id, eventKey: key, at: 1 }, (read) => ({
            run: { ...read, version: read.version + 1 },
            state: 'running',
            facts: [{ what: 'event', who: 'ada', text: key }],
            effects: [show(`${run.id}-${key}`)],
          })),
        ),
      )
      expect(outcomes.filter(({ outcome }) => outcome === 'saved')).toHaveLength(6)
      expect((await getRun(opened.store.db, run.id))?.version).toBe(6)
      expect(new Set((await listHistory(opened.store.db, run.id, { limit: 20 })).map((row) => row.text)).size).toBe(6)
      expect(await pendingCount(opened.store.db, run.id)).toBe(6)
      const unknown = await applyEvent(opened.store.db, { id: someRunId(), eventKey: 'x', at: 1 }, (read) => ({
        run: read,
        state: 'running',
        facts: [],
        effects: [],
      }))
      expect(unknown).toEqual({ outcome: 'unknown-run' })
    })
  })
}
