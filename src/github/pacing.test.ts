import { beforeEach, expect, it, vi } from 'vitest'
import { createPacing } from './pacing.ts'

/** A limiter takes a few turns until a request begins. */
const TURNS_MS = 20

beforeEach(() => {
  vi.useFakeTimers()
  return () => vi.useRealTimers()
})

/** Three writes of one installation and one of another, by name as they begin. */
async function write(writeMs: number): Promise<string[]> {
  const { write } = createPacing({ writeMs, commentMs: 0 })
  const begun: string[] = []
  for (const [place, installation] of ['1', '1', '1', '2'].entries()) {
    void write.key(installation).schedule(async () => void begun.push(`${installation}:${place}`))
  }
  await vi.advanceTimersByTimeAsync(TURNS_MS)
  return begun
}

it('lets one write of each installation begin, and the next when the time between two is over', async () => {
  const begun = await write(1_000)
  expect(begun).toEqual(['1:0', '2:3'])
  await vi.advanceTimersByTimeAsync(900)
  expect(begun).toHaveLength(2)
  await vi.advanceTimersByTimeAsync(100)
  expect(begun).toEqual(['1:0', '2:3', '1:1'])
  await vi.advanceTimersByTimeAsync(1_000)
  expect(begun).toEqual(['1:0', '2:3', '1:1', '1:2'])
})

it('lets all begin at once where it is turned off', async () => {
  expect(await write(0)).toHaveLength(4)
})
