/**
 * One call of a model, as the runner's gateway and the app speak of it. The app keeps prices, budgets and the ledger; the
 * gateway asks before a call and tells afterwards what it used.
 */
import { z } from 'zod'

const Tokens = z.int().nonnegative()
const UsdPerMillion = z.number().nonnegative()

/** USD for a million tokens. */
export const ModelPrice = z.object({
  input: UsdPerMillion,
  output: UsdPerMillion,
  cacheRead: UsdPerMillion,
  cacheWrite: UsdPerMillion,
})
export type ModelPrice = z.infer<typeof ModelPrice>

/** What a call used, as the vendor's answer says. What it does not say is absent: unknown is not zero. */
export const CallUsage = z.object({
  /** Tokens read at the full price: without those from the cache. */
  inputTokens: Tokens.optional(),
  outputTokens: Tokens.optional(),
  cacheReadTokens: Tokens.optional(),
  cacheWriteTokens: Tokens.optional(),
})
export type CallUsage = z.infer<typeof CallUsage>

export const Vendor = z.enum(['anthropic', 'openai', 'google'])
export type Vendor = z.infer<typeof Vendor>

/** What is asked before a call. Its tokens are not known before the vendor has counted them, its size is. */
export const ModelCallRequest = z.object({
  start: z.int().positive(),
  vendor: Vendor,
  model: z.string().min(1).max(200),
  requestBytes: z.int().nonnegative(),
  maxOutputTokens: z.int().nonnegative().nullable(),
})
export type ModelCallRequest = z.infer<typeof ModelCallRequest>

export const ModelCallAnswer = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    call: z.string().min(1).max(100),
    /** Null for a model that is not metered. */
    price: ModelPrice.nullable(),
    /** What this call may cost before the gateway ends it, in USD; null without a budget. */
    limitUsd: z.number().nonnegative().nullable(),
  }),
  z.object({
    ok: z.literal(false),
    /** `wait`: it fits once calls that are under way have ended, and is to be asked for again. */
    why: z.enum(['budget', 'model', 'stale', 'wait']),
    message: z.string().max(2_000),
  }),
])
export type ModelCallAnswer = z.infer<typeof ModelCallAnswer>

/** How a call ended. `cut`: the gateway ended it at its limit; `gone`: the agent or the vendor broke off. */
export const CallOutcome = z.enum(['done', 'failed', 'cut', 'gone'])
export type CallOutcome = z.infer<typeof CallOutcome>

export const ModelCallEnd = z.object({
  start: z.int().positive(),
  call: z.string().min(1).max(100),
  usage: CallUsage,
  outcome: CallOutcome,
})
export type ModelCallEnd = z.infer<typeof ModelCallEnd>

/** What the usage costs at a price, in USD; unknown numbers count nothing. */
export function costOf(price: ModelPrice, usage: CallUsage): number {
  const tokens =
    (usage.inputTokens ?? 0) * price.input +
    (usage.outputTokens ?? 0) * price.output +
    (usage.cacheReadTokens ?? 0) * price.cacheRead +
    (usage.cacheWriteTokens ?? 0) * price.cacheWrite
  return tokens / 1_000_000
}
