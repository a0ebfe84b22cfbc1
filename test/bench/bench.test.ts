import { execa } from 'execa'
import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { quantile } from './measure.ts'
import { BENCHES } from './registry.ts'
import { isMet, ratioOf } from './row.ts'

/** Far more than all benches take in their smallest size; a busy machine must not turn this red. */
const TIMEOUT_MS = 240_000
const MAIN = new URL('main.ts', import.meta.url)
const Output = z.object({
  machine: z.object({ cores: z.number(), node: z.string() }),
  benches: z.array(
    z.object({
      name: z.string(),
      rows: z
        .array(
          z.discriminatedUnion('kind', [
            z.object({ kind: z.literal('figure'), what: z.string(), ours: z.number().positive() }),
            z.object({ kind: z.literal('skipped'), what: z.string(), why: z.string() }),
          ]),
        )
        .min(1),
    }),
  ),
})

let output: z.infer<typeof Output>

beforeAll(async () => {
  const { stdout } = await execa(process.execPath, [MAIN.pathname, '--quick', '--json'], { stdin: 'ignore' })
  output = Output.parse(JSON.parse(stdout))
}, TIMEOUT_MS)

test.each(BENCHES.map(({ name }) => name))('the bench %s runs in its smallest size and gives its figures', (name) => {
  expect(output.benches.find((bench) => bench.name === name)?.rows.length).toBeGreaterThan(0)
})

test('a ratio above 1 always means that ours costs more', () => {
  expect(ratioOf({ unit: 'ms', ours: 30, floor: 20 })).toBe(1.5)
  expect(ratioOf({ unit: 'per s', ours: 500, floor: 1_000 })).toBe(2)
  expect(ratioOf({ unit: 'MiB', ours: 100, floor: null })).toBeNull()
})

test('a figure meets its target up to and including the bound', () => {
  const figure = { kind: 'figure', what: '', unit: 'ms', ours: 30, floor: 20 } as const
  expect(isMet({ ...figure, target: { kind: 'ratio', atMost: 1.5 } })).toBe(true)
  expect(isMet({ ...figure, target: { kind: 'ratio', atMost: 1.4 } })).toBe(false)
  expect(isMet({ ...figure, target: { kind: 'at-least', value: 31 } })).toBe(false)
  expect(isMet(figure)).toBeNull()
})

test('a quantile is one of the values', () => {
  expect(quantile([3, 1, 2], 0.5)).toBe(2)
  expect(quantile([1, 2, 3, 4], 0.99)).toBe(4)
  expect(quantile([], 0.5)).toBe(0)
})
