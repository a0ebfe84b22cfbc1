/** Calls of a workflow on their whole way: script, journal, run, outbox, queue, job, result, and back to the script. */
import { type Combination, missingFor } from '../../conformance/combinations.ts'
import { type Bench, type BenchContext, bySize } from '../bench.ts'
import { heldMiB } from '../held.ts'
import { alternate, median } from '../measure.ts'
import { type Lane, openBare, rateOf } from '../queue.ts'
import type { Row } from '../row.ts'
import { type CallYard, type Ended, openCallYard } from './yard.ts'

const REPLAY_TARGET_S = 2
/** How much more may be held after many workflows than after the first ones. */
const FLAT_RATIO = 1.1
const WARM_ROUNDS = 1
/** Workflows after which all is loaded that ever will be. */
const SETTLED_AFTER = 5

const SIDES: { what: string; combination: Combination }[] = [
  { what: 'Postgres and Redis', combination: { store: 'postgres', queue: 'redis' } },
  { what: 'PGlite', combination: { store: 'pglite', queue: 'store' } },
]

export const calls: Bench = {
  name: 'calls',
  title: 'Calls of a workflow whose agents return at once, through store and queue',
  against: 'bare BullMQ on Redis with an empty processor, as many jobs',
  async run(context) {
    const url = process.env.REDIS_URL
    const bare = url === undefined ? null : await openBare(url)
    try {
      const rows: Row[] = []
      for (const side of SIDES) rows.push(...(await onSide(context, side, bare)))
      return rows
    } finally {
      await bare?.close()
    }
  },
}

async function onSide(
  { size, tell }: BenchContext,
  { what, combination }: (typeof SIDES)[number],
  bare: Lane | null,
): Promise<Row[]> {
  const missing = missingFor(combination)
  if (missing !== null) return [{ kind: 'skipped', what, why: `${missing} is not set` }]
  const count = bySize(size, { quick: 20, default: 1_000, full: 1_000 })
  const rounds = bySize(size, { quick: 1, default: 3, full: 9 })
  const yard = await openCallYard(combination, size !== 'quick')
  try {
    tell(`${count} calls on ${what}`)
    const ended: Ended[] = []
    const work = async () => {
      const one = await yard.work(count)
      ended.push(one)
      return (count * 1_000) / one.tookMs
    }
    const sides = [work, ...(bare === null ? [] : [() => rateOf(bare, count / 2)])]
    for (let round = 0; round < WARM_ROUNDS; round += 1) {
      for (const side of sides) await side()
    }
    const [ours = [], floor = []] = await alternate(rounds, sides)
    tell(`replay on ${what}`)
    return [
      {
        kind: 'figure',
        what: `${what}, ${count.toLocaleString('en')} calls, 16 at a time`,
        unit: 'per s',
        ours: median(ours),
        floor: bare === null ? null : median(floor),
      },
      await replayRow(yard, what, count, ended.slice(-rounds)),
      await heldRow(yard, what, bySize(size, { quick: [1, 5], default: [20, 100], full: [20, 1_000] })),
    ]
  } finally {
    await yard.close()
  }
}

/** What is left of many workflows in the process that ran them. */
async function heldRow(yard: CallYard, what: string, [workflows, calls]: [number, number]): Promise<Row> {
  const held: number[] = []
  for (let round = 0; round < SETTLED_AFTER + workflows; round += 1) {
    await yard.work(calls)
    held.push(heldMiB())
  }
  return {
    kind: 'figure',
    what: `${what}, held after ${workflows} more workflows of ${calls.toLocaleString('en')} calls, beside after ${SETTLED_AFTER}`,
    unit: 'MiB',
    ours: held.at(-1) ?? 0,
    floor: held[SETTLED_AFTER - 1] ?? 0,
    target: { kind: 'ratio', atMost: FLAT_RATIO },
  }
}

/** From a journal in the store to where the script was, opening it included. */
async function replayRow(yard: CallYard, what: string, count: number, ended: readonly Ended[]): Promise<Row> {
  const took: number[] = []
  for (const each of ended) took.push(await yard.replay(each, count))
  const target = { kind: 'at-most', value: REPLAY_TARGET_S } as const
  return {
    kind: 'figure',
    what: `${what}, replay of ${count.toLocaleString('en')} journaled calls`,
    unit: 's',
    ours: median(took) / 1_000,
    floor: null,
    target,
  }
}
