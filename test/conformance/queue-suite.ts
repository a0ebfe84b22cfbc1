import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Queues } from '../../src/queue/open-queue.ts'
import type { Attempt } from '../../src/queue/worker.ts'
import type { Store } from '../../src/store/store.ts'
import { type Combination, clearPlace, makePlace, openQueuesAt, openStoreAt, type Place } from './combinations.ts'
import { someRunId, someSpec } from './fixtures.ts'

/** Things that come, to be waited for by number. */
function inbox<T>() {
  const come: T[] = []
  const waiting: { count: number; resolve: (come: T[]) => void }[] = []
  return {
    come,
    put(item: T) {
      come.push(item)
      for (const { count, resolve } of waiting) if (come.length >= count) resolve(come)
    },
    until: (count: number) =>
      come.length >= count ? Promise.resolve(come) : new Promise<T[]>((resolve) => waiting.push({ count, resolve })),
  }
}

/** What every queue does, whatever it is on. */
export function queueSuite(combination: Combination): void {
  describe('queue', () => {
    let store: Store
    let home: Place
    let place: Place
    let queues: Queues

    beforeAll(async () => {
      home = await makePlace(combination, { folder: false })
      store = await openStoreAt(home)
    })
    afterAll(async () => {
      await store.close()
      await clearPlace(home)
    })
    beforeEach(async () => {
      place = await makePlace(combination, { folder: false })
      queues = await openQueuesAt(place, store)
    })
    afterEach(async () => {
      await queues.close(true)
      await clearPlace(place)
    })

    test('is on what the environment names', async () => {
      expect(queues.kind).toBe(combination.queue === 'redis' ? 'redis' : combination.store)
      await expect(queues.ping()).resolves.toBeUndefined()
    })

    test('what is added twice is done once, and may be added again when it is over', async () => {
      const done = inbox<string>()
      for (const delivery of ['a:1', 'a:1', '17']) await queues.addDelivery(delivery)
      expect(await queues.depth('deliveries')).toEqual({ waiting: 2, active: 0, delayed: 0 })
      queues.createWorker('deliveries', async ({ delivery }) => done.put(delivery), { concurrency: 2 })
      expect((await done.until(2)).toSorted()).toEqual(['17', 'a:1'])
      await expect.poll(() => queues.depth('deliveries')).toEqual({ waiting: 0, active: 0, delayed: 0 })
      await queues.addDelivery('17')
      expect(await done.until(3)).toContain('17')
    })

    test('what is added in bulk is added once, also beside what is there', async () => {
      const run = someRunId()
      const done = inbox<string>()
      await queues.addEffects([{ effect: 'e-1', run }])
      await queues.addEffects([1, 2, 3].map((n) => ({ effect: `e-${n}`, run })))
      queues.createWorker('effects', async ({ effect }) => done.put(effect), { concurrency: 1 })
      await done.until(3)
      await expect.poll(() => queues.depth('effects')).toEqual({ waiting: 0, active: 0, delayed: 0 })
      expect(done.come.toSorted()).toEqual(['e-1', 'e-2', 'e-3'])
    })

    test('what fails is tried again after growing pauses, and what failed does not stand in the way of the rest', async () => {
      const attempts = inbox<Attempt & { at: number }>()
      const others = inbox<string>()
      queues.createWorker(
        'deliveries',
        async ({ delivery }, attempt) => {
          if (delivery !== 'bad') return others.put(delivery)
          attempts.put({ ...attempt, at: performance.now() })
          if (attempt.attempt < 4) throw new Error('not yet')
        },
        { concurrency: 1 },
      )
      await queues.addDelivery('bad')
      await queues.addDelivery('good')
      const seen = await attempts.until(4)
      expect(seen.map(({ attempt, last }) => ({ attempt, last }))).toEqual(
        [1, 2, 3, 4].map((attempt) => ({ attempt, last: false })),
      )
      const pauses = seen.slice(1).map(({ at }, n) => at - (seen[n]?.at ?? 0))
      // 20, 40 and 80 ms; a clock tick less is the queue's rounding.
      for (const [n, pause] of pauses.entries()) expect(pause).toBeGreaterThanOrEqual(20 * 2 ** n - 2)
      expect(await others.until(1)).toEqual(['good'])
    })

    test('a timer wakes at its time, a nearer one set later first', async () => {
      const woken = inbox<{ id: string; late: number }>()
      queues.createWorker(
        'wake',
        async (wake) => {
          if (wake.kind === 'timer') woken.put({ id: wake.id, late: Date.now() - wake.dueAt })
        },
        { concurrency: 1 },
      )
      const now = Date.now()
      const runId = someRunId()
      await queues.addTimers([{ runId, id: 'far', at: now + 2_000 }])
      await queues.addTimers([{ runId, id: 'past', at: now - 5 }])
      await woken.until(1)
      await queues.addTimers([{ runId, id: 'near', at: now + 600 }])
      const seen = await woken.until(3)
      expect(seen.map(({ id }) => id)).toEqual(['past', 'near', 'far'])
      for (const { late } of seen) expect(late).toBeGreaterThanOrEqual(0)
    })

    test('sweeps come again and again until they are not wanted any more', async () => {
      const swept = inbox<string>()
      queues.createWorker(
        'wake',
        async (wake) => {
          if (wake.kind === 'sweep') swept.put(wake.name)
        },
        { concurrency: 1 },
      )
      await queues.setSweeps({ outbox: 100, checks: 60_000 })
      await queues.setSweeps({ outbox: 100, checks: 60_000 })
      const seen = await swept.until(5)
      expect(seen.filter((name) => name === 'outbox').length).toBeGreaterThanOrEqual(3)
      await queues.setSweeps({})
      await expect.poll(() => queues.depth('wake')).toEqual({ waiting: 0, active: 0, delayed: 0 })
    })

    test('nudges during a sweep become one more sweep after it', async () => {
      const swept = inbox<string>()
      const go = Promise.withResolvers<void>()
      queues.createWorker(
        'wake',
        async (wake) => {
          if (wake.kind === 'sweep') swept.put(wake.name)
          await go.promise
        },
        { concurrency: 1 },
      )
      await queues.nudgeAdmission()
      await swept.until(1)
      for (let n = 0; n < 5; n++) await queues.nudgeAdmission()
      go.resolve()
      await swept.until(2)
      await expect.poll(() => queues.depth('wake')).toEqual({ waiting: 0, active: 0, delayed: 0 })
      expect(swept.come).toEqual(['admission', 'admission'])
    })

    test('an agent job that waits can be taken out, one that is worked on stays', async () => {
      const [waiting, taken] = [someSpec(), someSpec()]
      await queues.addJob(waiting, 1)
      expect(await queues.jobState(waiting.id)).toBe('waiting')
      await queues.removeJob(waiting.id)
      await queues.removeJob(waiting.id)
      expect(await queues.jobState(waiting.id)).toBe('absent')
      const received = inbox<string>()
      const go = Promise.withResolvers<void>()
      queues.createWorker(
        'jobs',
        async (spec) => {
          received.put(spec.id)
          await go.promise
        },
        { concurrency: 1 },
      )
      await queues.addJob(taken, 1)
      await received.until(1)
      await queues.removeJob(taken.id)
      expect(await queues.jobState(taken.id)).toBe('active')
      go.resolve()
      await expect.poll(() => queues.jobState(taken.id)).toBe('absent')
      expect(received.come).toEqual([taken.id])
    })

    test('agent jobs are taken by their turn, those of the same turn by age', async () => {
      const [first, second, third, other] = [someSpec(), someSpec(), someSpec(), someSpec()]
      await queues.addJob(first, 1)
      await queues.addJob(second, 2)
      await queues.addJob(third, 3)
      await queues.addJob(other, 1)
      expect(await queues.depth('jobs')).toEqual({ waiting: 4, active: 0, delayed: 0 })
      const received = inbox<string>()
      queues.createWorker('jobs', async (spec) => received.put(spec.id), { concurrency: 1 })
      await received.until(4)
      expect(received.come).toEqual([first.id, other.id, second.id, third.id])
    })

    test("the store's transactions and the queue do not get into each other", async () => {
      const done = inbox<string>()
      queues.createWorker('deliveries', async ({ delivery }) => done.put(delivery), { concurrency: 3 })
      const failing = Array.from({ length: 20 }, (_, n) =>
        store.db
          .transaction(async (tx) => {
            await tx.execute('select 1')
            // Not awaited: on one connection it must wait for the end of this transaction, and outlive its failure.
            const added = queues.addDelivery(`within-${n}`)
            await tx.execute('select 2')
            throw Object.assign(new Error('rolled back'), { added })
          })
          .catch((error: { added: Promise<void> }) => error.added),
      )
      await Promise.all(failing)
      expect((await done.until(20)).length).toBe(20)
    })
  })
}
