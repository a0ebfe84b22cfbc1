/** What one run of the default pipeline over two repositories writes to GitHub, counted at the local one. */
import { z } from 'zod'
import type { Bench } from './bench.ts'
import { startChild } from './child.ts'
import type { Row } from './row.ts'

/** Most writes of a run. */
const TARGET = { kind: 'at-most', value: 79 } as const
const MS_PER_S = 1_000
const Counted = z.object({
  total: z.number(),
  byRoute: z.array(z.tuple([z.string(), z.number()])),
  pacedMs: z.number(),
  seconds: z.number(),
})

export const writes: Bench = {
  name: 'writes',
  title: "GitHub writes of the demo's run (two repositories, one rework, one fix)",
  against: 'nothing: counted, and how long they would take at a write a second and a comment in three',
  async run({ size, tell }) {
    if (size === 'quick') {
      return [{ kind: 'skipped', what: 'all writes', why: 'the demo has no quick size; its own tests run it' }]
    }
    tell('the demo, once')
    const demo = await startChild(new URL('writes-child.ts', import.meta.url), [])
    const { total, byRoute, pacedMs, seconds } = Counted.parse(JSON.parse(demo.ready))
    await demo.stop()
    const figure = { kind: 'figure', floor: null } as const
    const kinds = byRoute.toSorted(([, a], [, b]) => b - a)
    const rows: Row[] = [
      { ...figure, what: 'all writes', unit: 'writes', ours: total, target: TARGET },
      { ...figure, what: 'their time at GitHub’s pace', unit: 's', ours: pacedMs / MS_PER_S },
      { ...figure, what: 'the run as it was, not paced', unit: 's', ours: seconds },
    ]
    return [
      ...rows,
      ...kinds.map(([route, count]): Row => ({ ...figure, what: `  ${shortened(route)}`, unit: 'writes', ours: count })),
    ]
  },
}

/** Without the local GitHub's address, which some routes begin with. */
function shortened(route: string): string {
  return route.replace(/ https?:\/\/[^/]+/, ' ')
}
