/** Effects put into the queue and worked on: our queue on each of its backends, beside bare BullMQ on Redis. */
import { randomBytes } from 'node:crypto'
import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { RunId } from '../../src/contract/ids.ts'
import { type Combination, clearPlace, makePlace, missingFor, openQueuesAt, openStoreAt } from '../conformance/combinations.ts'
import { type Bench, bySize } from './bench.ts'
import { alternate, inParallel, median, timed } from './measure.ts'
import type { Row } from './row.ts'

/** As many as an app does at the same time. */
const CONCURRENCY = 8
/** Effects of one decision, and decisions at the same time. */
const EFFECTS = 2
const DECISIONS_AT_ONCE = 8

const SIDES: { what: string; combination: Combination }[] = [
  { what: 'Redis', combination: { store: 'pglite', queue: 'redis' } },
  { what: 'Postgres', combination: { store: 'postgres', queue: 'store' } },
  { what: 'PGlite', combination: { store: 'pglite', queue: 'store' } },
]

export const queue: Bench = {
  name: 'queue',
  title: 'Effects through the queue, added and worked on',
  against: 'bare BullMQ on Redis with an empty processor, the same number added in the same lots',
  async run({ size, tell }) {
    const decisions = bySize(size, { quick: 20, default: 1_000, full: 5_000 })
    const rounds = bySize(size, { quick: 1, default: 5, full: 9 })
    const url = process.env.REDIS_URL
    const bare = url === undefined ? null : await openBare(url)
    try {
      const rows: Row[] = []
      for (const { what, combination } of SIDES) {
        const missing = missingFor(combination)
        if (missing !== null) {
          rows.push({ kind: 'skipped', what, why: `${missing} is not set` })
          continue
        }
        tell(`on ${what}`)
        const ours = await openOurs(combination, size !== 'quick')
        const sides = [ours, ...(bare === null ? [] : [bare])].map((lane) => () => rateOf(lane, decisions))
        for (const side of sides) await side()
        const [our = [], floor = []] = await alternate(rounds, sides)
        await ours.close()
        rows.push({ kind: 'figure', what, unit: 'per s', ours: median(our), floor: bare === null ? null : median(floor) })
      }
      return rows
    } finally {
      await bare?.close()
    }
  },
}

/** A queue with a worker on it. */
export interface Lane {
  add(ids: readonly string[]): Promise<void>
  /** Resolves when so many more have been worked on. */
  worked(count: number): Promise<void>
  close(): Promise<void>
}

/** Effects worked on in a second, two of each decision. */
export async function rateOf(lane: Lane, decisions: number): Promise<number> {
  const round = randomBytes(4).toString('hex')
  const worked = lane.worked(decisions * EFFECTS)
  const took = await timed(async () => {
    await inParallel(decisions, DECISIONS_AT_ONCE, (n) =>
      lane.add(Array.from({ length: EFFECTS }, (_, effect) => `bench-${round}-${n}-${effect}`)),
    )
    await worked
  })
  return (decisions * EFFECTS * 1_000) / took
}

/** Counts down to a promise. */
function createCountdown() {
  let left = 0
  let done = () => {}
  return {
    expect: (count: number): Promise<void> => {
      left = count
      return new Promise((resolve) => {
        done = resolve
      })
    },
    tick(): void {
      left -= 1
      if (left === 0) done()
    },
  }
}

async function openOurs(combination: Combination, onDisk: boolean): Promise<Lane> {
  const place = await makePlace(combination, { folder: onDisk && combination.queue === 'store' })
  const store = await openStoreAt(place)
  const queues = await openQueuesAt(place, store)
  const countdown = createCountdown()
  const run = RunId.parse('bench')
  const worker = queues.createWorker('effects', async () => countdown.tick(), { concurrency: CONCURRENCY })
  await worker.ready()
  return {
    add: (ids) => queues.addEffects(ids.map((effect) => ({ effect, run }))),
    worked: countdown.expect,
    async close() {
      await queues.close()
      await store.close()
      await clearPlace(place)
    },
  }
}

export async function openBare(url: string): Promise<Lane> {
  const prefix = `bench_${randomBytes(6).toString('hex')}`
  const connection = new Redis(url, { maxRetriesPerRequest: null })
  const bare = new Queue('bare', { connection, prefix, defaultJobOptions: { removeOnComplete: true, removeOnFail: true } })
  const countdown = createCountdown()
  const worker = new Worker('bare', async () => countdown.tick(), { connection, prefix, concurrency: CONCURRENCY })
  await worker.waitUntilReady()
  return {
    async add(ids) {
      await bare.addBulk(ids.map((jobId) => ({ name: 'effect', data: { effect: jobId, run: 'bench' }, opts: { jobId } })))
    },
    worked: countdown.expect,
    async close() {
      await worker.close()
      await bare.obliterate({ force: true })
      await bare.close()
      connection.disconnect()
    },
  }
}
