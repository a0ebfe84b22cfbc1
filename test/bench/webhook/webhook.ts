/** From a webhook to its acknowledgement: the whole app, durable store and queue included, beside bare Probot. */
import { type BackendName, missingFor, openBackend } from '../../faults/backends.ts'
import { type Bench, type BenchContext, bySize, type Size } from '../bench.ts'
import { type Child, startChild } from '../child.ts'
import { alternate, median, quantile } from '../measure.ts'
import type { Figure, Row } from '../row.ts'
import { openScene, type Scene } from '../scene.ts'
import { type BareInsert, openBareInsert } from './bare-insert.ts'
import { post, type SignedDelivery, signedExample } from './post.ts'

/** At most so many times bare Probot's 99th percentile. */
const TARGET = { kind: 'ratio', atMost: 1.5 } as const
/** Deliveries of a round, one at a time and 16 at a time. PGlite takes ten times as long to interpret them afterwards. */
const COUNTS: Record<BackendName, Record<Size, readonly [number, number]>> = {
  services: { quick: [20, 40], default: [400, 1_200], full: [2_000, 8_000] },
  embedded: { quick: [20, 40], default: [200, 320], full: [1_000, 2_000] },
}
const BACKENDS = { services: 'Postgres, Redis', embedded: 'PGlite' } as const

export const webhook: Bench = {
  name: 'webhook',
  title: 'Webhook to durable acknowledgement',
  against: 'bare Probot with an empty handler, the same signed payload (check_run.completed), a process of its own each',
  async run(context) {
    const scene = await openScene()
    const probot = await startChild(new URL('probot-child.ts', import.meta.url), [scene.privateKey, scene.webhookSecret])
    try {
      return [
        ...(await onBackend(context, scene, probot, 'services')),
        ...(await onBackend(context, scene, probot, 'embedded')),
      ]
    } finally {
      await probot.stop()
      await scene.close()
    }
  },
}

async function onBackend({ size, tell }: BenchContext, scene: Scene, probot: Child, name: BackendName): Promise<Row[]> {
  const what = BACKENDS[name]
  const missing = missingFor(name)
  if (missing !== null) return [{ kind: 'skipped', what, why: `${missing} is not set` }]
  const dataDir = await scene.folder()
  const backend = await openBackend(name, dataDir)
  const app = await startChild(new URL('app-child.ts', import.meta.url), [], {
    ...scene.env,
    DATA_DIR: dataDir,
    PORT: '0',
    ...backend.env,
  })
  const bare = await openBareInsert(backend.env.DATABASE_URL, dataDir)
  const delivery = signedExample('check_run', 'completed', scene.webhookSecret)
  const counts = COUNTS[name][size]
  const rounds = bySize(size, { quick: 1, default: 7, full: 9 })
  try {
    const rows: Row[] = []
    for (const [index, atOnce] of [1, 16].entries()) {
      tell(`${what}, ${atOnce} at a time`)
      rows.push(...(await compare({ app, probot, bare, delivery, atOnce, count: counts[index] ?? 1, rounds, what })))
    }
    return rows
  } finally {
    await bare.close()
    await app.stop()
    await backend.remove()
  }
}

interface Comparison {
  app: Child
  probot: Child
  bare: BareInsert
  delivery: SignedDelivery
  atOnce: number
  count: number
  rounds: number
  what: string
}

async function compare({ app, probot, bare, delivery, atOnce, count, rounds, what }: Comparison): Promise<Row[]> {
  for (const { ready } of [app, probot]) await post(ready, delivery, count, atOnce)
  await app.ask('drain')
  const [ours = [], floor = [], stored = []] = await alternate(rounds, [
    async () => {
      const times = await post(app.ready, delivery, count, atOnce)
      // What the app does with them afterwards must not slow down the other side.
      await app.ask('drain')
      return times
    },
    () => post(probot.ready, delivery, count, atOnce),
    () => bare.insert(delivery.body, count, atOnce),
  ])
  const at = (sides: number[][], share: number) => median(sides.map((times) => quantile(times, share)))
  const row = (name: string, share: number): Figure => ({
    kind: 'figure',
    what: `${what}, ${atOnce} at a time, ${name}`,
    unit: 'ms',
    ours: at(ours, share),
    floor: at(floor, share),
    note: `the bare insert alone ${at(stored, share).toFixed(1)} ms`,
  })
  return [row('p50', 0.5), { ...row('p99', 0.99), target: TARGET }]
}
