/** How fast an agent's standard output is read, and that a long one takes no more memory than a short one. */
import { execa } from 'execa'
import { z } from 'zod'
import { type Bench, bySize } from '../bench.ts'

const MB = 1_000_000
/** As `npm run runner` starts one: what Node keeps of short-lived memory would grow to 100 MiB by and by, whatever is read. */
const RUNNER_FLAGS = ['--max-semi-space-size=16']
/** How much larger the process may become with a second such stream, in MiB: what garbage varies by. */
const GROWTH_TARGET = { kind: 'at-most', value: 40 } as const

const Stream = z.object({
  /** How long it took, in ms, without what the job takes anyway. */
  ms: z.number(),
  floorMs: z.number(),
  grewMiB: z.number(),
})
export type Stream = z.infer<typeof Stream>

export const stream: Bench = {
  name: 'stream',
  title: "An agent's events, read from its standard output",
  against: 'a Node process that splits the same stream into lines and parses them',
  async run({ size, tell }) {
    const bytes = bySize(size, { quick: 2 * MB, default: 200 * MB, full: 1_000 * MB })
    const what = `${bytes / MB} MB in lines of 1 kB`
    tell(what)
    const child = new URL('stream-child.ts', import.meta.url).pathname
    const { stdout } = await execa(process.execPath, [...RUNNER_FLAGS, child, String(bytes)], { stdin: 'ignore' })
    const { ms, floorMs, grewMiB } = Stream.parse(JSON.parse(stdout))
    const rate = (took: number) => bytes / MB / (took / 1_000)
    return [
      { kind: 'figure', what: `${what}: MB`, unit: 'per s', ours: rate(ms), floor: rate(floorMs) },
      {
        kind: 'figure',
        what: `${what}: memory beyond that of one such stream before`,
        unit: 'MiB',
        ours: Math.max(0.1, grewMiB),
        floor: null,
        target: GROWTH_TARGET,
      },
    ]
  },
}
