import { beforeEach, expect, test, vi } from 'vitest'
import { atNextLull, createLull, LOT, LULL_MS, PUT_OFF_MS } from './lull.ts'

beforeEach(() => {
  vi.useFakeTimers()
  return () => vi.useRealTimers()
})

function gather() {
  const lull = createLull()
  const lots: (readonly string[])[] = []
  const tell = atNextLull(lull, async (items: readonly string[]) => {
    lots.push([...items])
  })
  return { lull, lots, tell }
}

test('what comes in a burst is handed on together, when the last request has been answered for a while', async () => {
  const { lull, lots, tell } = gather()
  const answers = [lull.arrived(), lull.arrived()]
  void tell('a')
  answers[0]?.()
  await vi.advanceTimersByTimeAsync(LULL_MS * 4)
  void tell('b')
  answers[1]?.()
  await vi.advanceTimersByTimeAsync(LULL_MS - 1)
  lull.arrived()()
  await vi.advanceTimersByTimeAsync(LULL_MS - 1)
  expect(lots).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(lots).toEqual([['a', 'b']])
  void tell('c')
  await vi.advanceTimersByTimeAsync(LULL_MS)
  expect(lots).toEqual([['a', 'b'], ['c']])
})

test('without a lull nothing waits for longer than it may', async () => {
  const { lull, lots, tell } = gather()
  lull.arrived()
  void tell('a')
  await vi.advanceTimersByTimeAsync(PUT_OFF_MS - 1)
  void tell('b')
  expect(lots).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(lots).toEqual([['a', 'b']])
  void tell('c')
  await vi.advanceTimersByTimeAsync(PUT_OFF_MS - 1)
  expect(lots).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(lots).toEqual([['a', 'b'], ['c']])
})

test('everybody hears that it could not be handed on, and the next ones are tried again', async () => {
  const lull = createLull()
  let down = true
  const tell = atNextLull(lull, async (_items: readonly string[]) => {
    if (down) throw new Error('down')
  })
  const told = Promise.allSettled([tell('a'), tell('b')])
  await vi.advanceTimersByTimeAsync(LULL_MS)
  expect((await told).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  down = false
  const again = tell('c')
  await vi.advanceTimersByTimeAsync(LULL_MS)
  await expect(again).resolves.toBeUndefined()
})

test('many are handed on lot by lot, so that an answer can come in between', async () => {
  const { lull, lots, tell } = gather()
  const answered = lull.arrived()
  for (let n = 0; n < LOT + 1; n += 1) void tell(String(n))
  answered()
  await vi.advanceTimersByTimeAsync(LULL_MS)
  expect(lots.map(({ length }) => length)).toEqual([LOT])
  await vi.advanceTimersByTimeAsync(LULL_MS)
  expect(lots.map(({ length }) => length)).toEqual([LOT, 1])
})
