import { expect, test } from 'vitest'
import { together } from './together.ts'

/** Carries lots out only when told to; doubles numbers, and refuses a lot with a 13 in it. */
function held(atMost: number) {
  const lots: (readonly number[])[] = []
  const open: (() => void)[] = []
  const double = together<number, number>({ atMost, weigh: (item) => item }, async (items) => {
    lots.push(items)
    await new Promise<void>((resolve) => open.push(resolve))
    if (items.includes(13)) throw new Error('refused')
    return items.map((item) => item * 2)
  })
  const finish = async (): Promise<void> => {
    for (let next = open.shift(); next !== undefined; next = open.shift()) {
      next()
      await new Promise(setImmediate)
    }
  }
  return { lots, double, finish }
}

test('alone it goes out at once; what comes meanwhile goes out together', async () => {
  const { lots, double, finish } = held(100)
  const results = Promise.all([1, 2, 3].map(double))
  expect(lots).toEqual([[1]])
  await finish()
  expect(await results).toEqual([2, 4, 6])
  expect(lots).toEqual([[1], [2, 3]])
  const later = double(4)
  expect(lots).toEqual([[1], [2, 3], [4]])
  await finish()
  expect(await later).toBe(8)
})

test('a lot is no heavier than allowed, and what is too heavy goes alone', async () => {
  const { lots, double, finish } = held(10)
  const results = Promise.all([1, 6, 4, 5, 50, 3].map(double))
  await finish()
  await results
  expect(lots).toEqual([[1], [6, 4], [5], [50], [3]])
})

test('of a refused lot only what is wrong by itself fails', async () => {
  const { lots, double, finish } = held(100)
  const results = Promise.allSettled([1, 2, 13, 3].map(double))
  await finish()
  expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
  expect(lots).toEqual([[1], [2, 13, 3], [2], [13], [3]])
})
