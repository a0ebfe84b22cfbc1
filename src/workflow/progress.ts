import { z } from 'zod'
import type { WorkflowCall } from './call.ts'
import { Json } from './json.ts'

/** Money of the run in USD; `total` is null where nothing limits it. */
export const Budget = z.strictObject({ total: z.number().nonnegative().nullable(), spent: z.number().nonnegative() })
export type Budget = z.infer<typeof Budget>

/** How a call ended, as the script is told. */
export const Settled = z.strictObject({
  index: z.int().nonnegative(),
  /** Null: it failed, and the script goes on without it. */
  result: Json,
  /** Why a call gave nothing, for the log. */
  why: z.string().max(2_000).optional(),
  /** What the script sees as `budget` from here on. */
  budget: Budget.optional(),
})
export type Settled = z.infer<typeof Settled>

export interface LogLine {
  phase: string | null
  message: string
}

/** Why a script ended without a result. Lines and columns count from 1. */
export interface WorkflowFailure {
  /**
   * `script`: it threw, or asked for something that is not there; `determinism`: it reached for a clock, chance or the
   * like; `limit`: it used more than it may; `engine`: it broke the interpreter.
   */
  kind: 'script' | 'determinism' | 'limit' | 'engine'
  message: string
  file: string | null
  line: number | null
  column: number | null
}

export interface Advance {
  /** Asked for since the last progress, in the order of their indices. */
  calls: WorkflowCall[]
  /** Lines since the last progress. */
  log: LogLine[]
  /** The title given to `phase()` last. */
  phase: string | null
}

/** What became of a script since it was told something. */
export type Progress = Advance &
  ({ state: 'waiting' } | { state: 'done'; result: Json } | { state: 'failed'; failure: WorkflowFailure })

/** A script on its way. Each method answers when the script waits again or is over; they are called one after another. */
export interface WorkflowInterpreter {
  start(): Promise<Progress>
  /**
   * Tells the script how calls ended, one at a time in this order.
   * @throws Error where a call is not waited for: the caller's mistake
   */
  settle(results: readonly Settled[]): Promise<Progress>
  dispose(): Promise<void>
}
