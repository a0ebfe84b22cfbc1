/**
 * What models cost, in USD for a million tokens. The table is of a day and has a version; a deployment overrides it with a
 * file of its own (`MODEL_PRICES`). A model that neither knows is refused or not metered, as `UNPRICED_MODELS` says.
 */
import picomatch from 'picomatch'
import { z } from 'zod'
import type { ModelPrice } from '../contract/model-call.ts'

/** USD for a million tokens. */
const Usd = z.number().nonnegative().max(10_000)

/** One line of a price table. The first line whose pattern fits counts. */
export const PriceLine = z.strictObject({
  /** A glob over the model's name, without a vendor's prefix: `claude-sonnet-4*`. */
  model: z.string().min(1).max(200),
  input: Usd,
  output: Usd,
  /** Tokens read from the vendor's cache; as `input` where it is left out. */
  cacheRead: Usd.optional(),
  /** Tokens written to the vendor's cache; as `input` where it is left out. */
  cacheWrite: Usd.optional(),
})
export const PriceTable = z.array(PriceLine).max(1_000)
export type PriceTable = z.infer<typeof PriceTable>

/** The table's version; it goes up with every change. */
export const PRICES_VERSION = 1
/** The day that {@link PRICES} is meant to be of. */
export const PRICES_AS_OF = '2025-12-01'

/**
 * What the vendors asked for ordinary requests, as far as we knew on that day. It was written down without their price lists at
 * hand and nobody has checked it against them since: budgets are as good as these numbers. Whoever pays compares them with the
 * vendors' pages, and puts what differs into `MODEL_PRICES`.
 */
export const PRICES: PriceTable = [
  { model: 'claude-opus-4-5*', input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25 },
  { model: 'claude-opus-4*', input: 15, output: 75, cacheRead: 1.5, cacheWrite: 18.75 },
  { model: 'claude-sonnet-4*', input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 },
  { model: 'claude-haiku-4-5*', input: 1, output: 5, cacheRead: 0.1, cacheWrite: 1.25 },
  { model: 'claude-3-5-haiku*', input: 0.8, output: 4, cacheRead: 0.08, cacheWrite: 1 },
  { model: 'gpt-5-mini*', input: 0.25, output: 2, cacheRead: 0.025 },
  { model: 'gpt-5-nano*', input: 0.05, output: 0.4, cacheRead: 0.005 },
  { model: 'gpt-5-pro*', input: 15, output: 120 },
  { model: 'gpt-5*', input: 1.25, output: 10, cacheRead: 0.125 },
  { model: 'gpt-4.1-mini*', input: 0.4, output: 1.6, cacheRead: 0.1 },
  { model: 'gpt-4.1*', input: 2, output: 8, cacheRead: 0.5 },
  { model: 'o4-mini*', input: 1.1, output: 4.4, cacheRead: 0.275 },
  { model: 'gemini-2.5-pro*', input: 1.25, output: 10, cacheRead: 0.125 },
  { model: 'gemini-2.5-flash-lite*', input: 0.1, output: 0.4, cacheRead: 0.01 },
  { model: 'gemini-2.5-flash*', input: 0.3, output: 2.5, cacheRead: 0.03 },
]

/** The price of a model; null where no line fits. Lines of the deployment come before those of the table. */
export function priceOf(model: string, own: PriceTable = []): ModelPrice | null {
  const name = model.slice(model.lastIndexOf('/') + 1)
  const line = [...own, ...PRICES].find(({ model: pattern }) => picomatch.isMatch(name, pattern))
  if (line === undefined) return null
  const { input, output, cacheRead = input, cacheWrite = input } = line
  return { input, output, cacheRead, cacheWrite }
}
