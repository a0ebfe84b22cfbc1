import { expect, it } from 'vitest'
import { mostOf } from './open-call.ts'
import { PRICES, PriceTable, priceOf } from './prices.ts'

it('[SPD-1] a model has the price of the first line that fits, with or without its vendor’s prefix and date', () => {
  expect(priceOf('claude-sonnet-4-5-20250929')).toEqual({ input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 })
  expect(priceOf('anthropic/claude-opus-4-5')).toMatchObject({ input: 5 })
  expect(priceOf('claude-opus-4-1')).toMatchObject({ input: 15 })
  expect(priceOf('gpt-5-mini')).toMatchObject({ input: 0.25 })
  expect(priceOf('gpt-5')).toEqual({ input: 1.25, output: 10, cacheRead: 0.125, cacheWrite: 1.25 })
  expect(priceOf('gemini-2.5-flash-lite')).toMatchObject({ input: 0.1 })
  expect(priceOf('nobody-knows')).toBeNull()
})

it('[SPD-1] a deployment’s own lines come first', () => {
  const own = [{ model: 'claude-*', input: 1, output: 2 }]
  expect(priceOf('claude-sonnet-4-5', own)).toEqual({ input: 1, output: 2, cacheRead: 1, cacheWrite: 1 })
  expect(PriceTable.safeParse([{ model: 'x', input: -1, output: 2 }]).success).toBe(false)
  expect(PriceTable.parse(PRICES)).toHaveLength(PRICES.length)
})

it('what a call can cost at most is reserved for it', () => {
  const price = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 }
  expect(mostOf(price, { requestBytes: 3_000_000, maxOutputTokens: 100_000 })).toBeCloseTo(3.75375 + 1.5, 9)
  expect(mostOf(price, { requestBytes: 0, maxOutputTokens: null })).toBeCloseTo(0.48375, 9)
})
