/** Events decided and stored: the engine with all it writes, beside bare transactions; and whether the past slows it down. */
import pino from 'pino'
import { createEngine, type Engine } from '../../../src/engine/engine.ts'
import type { Run } from '../../../src/pipeline/model.ts'
import type { Store } from '../../../src/store/store.ts'
import { clearPlace, makePlace, missingFor, openStoreAt } from '../../conformance/combinations.ts'
import { type Bench, type BenchContext, bySize, type Size } from '../bench.ts'
import { alternate, inParallel, median, timed } from '../measure.ts'
import type { Row, Target } from '../row.ts'
import { nextEvent, startRun } from './cycle.ts'
import { writePastRuns } from './past.ts'
import { openRaw } from './raw.ts'

/** Runs that get events side by side, and how many events at once. */
const RUNS = 32
const AT_ONCE = 16
/** How many past runs the store holds where it holds few. */
const FEW = 1_000
/** Flat: the most that an event may cost among many past runs, in multiples of its cost among few. */
const FLAT = 1.25
/** Events of a round. */
const COUNTS: Record<Store['kind'], Record<Size, number>> = {
  postgres: { quick: 64, default: 1_600, full: 4_800 },
  pglite: { quick: 64, default: 320, full: 960 },
}
const AT_LEAST = { postgres: { kind: 'at-least', value: 1_000 }, pglite: null } as const satisfies Record<string, Target | null>
const NAMES = { postgres: 'Postgres', pglite: 'PGlite' } as const

export const events: Bench = {
  name: 'events',
  title: 'Events decided and stored',
  against: 'bare transactions (select for update, update of the same document, insert) on the same driver and database',
  async run(context) {
    return [...(await onStore(context, 'postgres')), ...(await onStore(context, 'pglite'))]
  },
}

/** A store with so many past runs, and live ones that get the events. */
interface Filled {
  store: Store
  engine: Engine
  runs: Run[]
  past: number
  close(): Promise<void>
}

async function onStore({ size, tell }: BenchContext, kind: Store['kind']): Promise<Row[]> {
  const name = NAMES[kind]
  const missing = missingFor({ store: kind, queue: 'store' })
  if (missing !== null) return [{ kind: 'skipped', what: name, why: `${missing} is not set` }]
  const few = bySize(size, { quick: 10, default: FEW, full: FEW })
  const many = bySize(size, {
    quick: 100,
    default: kind === 'postgres' ? 100_000 : 20_000,
    full: kind === 'postgres' ? 1_000_000 : 100_000,
  })
  const count = COUNTS[kind][size]
  const rounds = bySize(size, { quick: 1, default: 7, full: 9 })

  const folder = size !== 'quick'
  const small = await fill(kind, few, folder, tell)
  const large = await fill(kind, many, folder, tell)
  const raw = await openRaw(small.store, RUNS, JSON.stringify(small.runs[0]))
  try {
    tell(`${name}, ${RUNS} runs, ${AT_ONCE} at a time`)
    const rawEvents = () => rateOf(count, () => inParallel(count, AT_ONCE, (index) => raw.transact(index % RUNS)))
    const sides = [() => spread(small, count), rawEvents, () => spread(large, count)]
    for (const side of sides) await side()
    const [ours, floor, amongMany] = await alternate(rounds, sides)
    tell(`${name}, one run, one after the other`)
    const single = Math.ceil(count / 4)
    const [one, oneRaw] = await alternate(rounds, [
      () => rateOf(single, () => follow(small, 0, single)),
      () => rateOf(single, () => inParallel(single, 1, () => raw.transact(0))),
    ])
    const rate = { kind: 'figure', unit: 'per s' } as const
    const target = AT_LEAST[kind]
    return [
      {
        ...rate,
        what: `${name}, ${RUNS} runs, ${AT_ONCE} at a time`,
        ours: median(ours),
        floor: median(floor),
        ...(target === null ? {} : { target }),
      },
      { ...rate, what: `${name}, one run, one event after the other`, ours: median(one), floor: median(oneRaw) },
      {
        ...rate,
        what: `${name}, among ${many.toLocaleString('en')} past runs`,
        ours: median(amongMany),
        floor: median(ours),
        target: { kind: 'ratio', atMost: FLAT },
        note: `against ours among ${few.toLocaleString('en')}`,
      },
    ]
  } finally {
    await raw.close()
    await small.close()
    await large.close()
  }
}

async function fill(kind: Store['kind'], past: number, folder: boolean, tell: BenchContext['tell']): Promise<Filled> {
  tell(`${NAMES[kind]}, writing ${past} past runs`)
  const place = await makePlace({ store: kind, queue: 'store' }, { folder })
  const store = await openStoreAt(place)
  const engine = createEngine({ store, queue: NO_QUEUE, now: Date.now, log: pino({ level: 'silent' }), showDelayMs: 0 })
  const runs: Run[] = []
  for (let n = 1; n <= RUNS; n += 1) runs.push(await startRun(engine, n))
  await writePastRuns(store, 'bench1', past)
  return {
    store,
    engine,
    runs,
    past,
    async close() {
      await store.close()
      await clearPlace(place)
    },
  }
}

/** The queue has a bench of its own. */
const NO_QUEUE = { addEffects: async () => undefined, addTimers: async () => undefined, nudgeAdmission: async () => undefined }

/** Events for all runs, several at once, no two for the same run at the same time. */
function spread(filled: Filled, count: number): Promise<number> {
  const perRun = Math.ceil(count / RUNS)
  return rateOf(perRun * RUNS, () => inParallel(RUNS, AT_ONCE, (index) => follow(filled, index, perRun)))
}

/** So many events for one run, one after the other. */
async function follow({ engine, runs }: Filled, index: number, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const run = runs[index]
    if (run === undefined) throw new Error(`there is no run ${index}`)
    runs[index] = await nextEvent(engine, run)
  }
}

async function rateOf(count: number, act: () => Promise<void>): Promise<number> {
  return (count * 1_000) / (await timed(act))
}
