import { describe, type TestContext, test } from 'vitest'
import { getDelivery } from '../../src/store/deliveries.ts'
import { startChild } from './children.ts'
import { type Combination, clearPlace, makePlace, openQueuesAt, openStoreAt, type Place } from './combinations.ts'

/** From the kill of a process to its work going on, in ms. */
const GOES_ON_WITHIN_MS = 20_000
/** Processes that start, on a busy machine, in ms. */
const TIMEOUT_MS = 180_000

/**
 * What every combination stands, each test at a place of its own. On Postgres they mostly wait, so they do it side by
 * side; opening a PGlite is work.
 */
export function crashSuite(combination: Combination): void {
  const concurrent = combination.store === 'postgres'
  describe('kill -9', { timeout: TIMEOUT_MS, concurrent }, () => {
    test('nothing that was acknowledged is lost, neither in the store nor in the queue', async (context) => {
      const { expect } = context
      const place = await somewhere(context, combination)
      const child = begin(context, 'write', place)
      await child.says('queued delivery-40')
      await child.kill()
      const { store, queues } = await openAt(context, place, place)
      const of = (what: string) => child.said.filter((line) => line.startsWith(what)).map((line) => line.slice(what.length + 1))
      for (const id of of('stored')) expect(await getDelivery(store.db, id)).toMatchObject({ id })
      const { waiting } = await queues.depth('deliveries')
      expect(waiting).toBeGreaterThanOrEqual(of('queued').length)
    })

    test('the work of a killed process goes on in another within 20 s', async (context) => {
      const { expect } = context
      const place = await somewhere(context, combination)
      const child = begin(context, 'hold', place)
      await child.says('active')
      await child.kill()
      const killed = performance.now()
      const { queues } = await openAt(context, place, place)
      const taken = Promise.withResolvers<string>()
      queues.createWorker('deliveries', async ({ delivery }) => taken.resolve(delivery), { concurrency: 1 })
      expect(await taken.promise).toBe('held')
      const ms = performance.now() - killed
      expect(ms).toBeLessThan(GOES_ON_WITHIN_MS)
      await context.annotate(`went on after ${(ms / 1_000).toFixed(1)} s`)
    })

    const shared = combination.queue === 'redis' || combination.store === 'postgres'
    // Otherwise one process has the queue to itself.
    if (shared) {
      test('a process whose event loop is blocked for 3 s keeps its work', async (context) => {
        const { expect } = context
        const place = await somewhere(context, combination)
        const child = begin(context, 'block', place)
        await child.says('active')
        // Another process over the same queue; where the store is a folder, the child has it and this one needs another.
        const { dataDir: _, ...beside } = place
        const { queues } = await openAt(context, place, beside)
        const taken: string[] = []
        queues.createWorker('deliveries', async ({ delivery }) => void taken.push(delivery), { concurrency: 1 })
        await child.says('done')
        await expect.poll(() => queues.depth('deliveries')).toEqual({ waiting: 0, active: 0, delayed: 0 })
        expect(taken).toEqual([])
      })
    }

    if (combination.store === 'pglite') {
      test('a second process is refused the folder while the first lives', async (context) => {
        const { expect } = context
        const place = await somewhere(context, combination)
        const child = begin(context, 'open', place)
        await child.says('open')
        await expect(openStoreAt(place)).rejects.toMatchObject({
          failure: { cause: 'config', message: expect.stringContaining(`${place.dataDir}`) },
        })
        await child.kill()
        await (await openStoreAt(place)).close()
      })
    }
  })
}

async function somewhere({ onTestFinished }: TestContext, combination: Combination): Promise<Place> {
  const place = await makePlace(combination, { folder: true })
  onTestFinished(() => clearPlace(place))
  return place
}

function begin({ onTestFinished }: TestContext, what: Parameters<typeof startChild>[0], place: Place) {
  const child = startChild(what, place)
  onTestFinished(() => child.kill())
  return child
}

async function openAt({ onTestFinished }: TestContext, place: Place, storePlace: Place) {
  const store = await openStoreAt(storePlace)
  const queues = await openQueuesAt(place, store)
  onTestFinished(async () => {
    await queues.close()
    await store.close()
  })
  return { store, queues }
}
