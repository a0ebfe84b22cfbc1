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
export type Progress = Advance & Stand

/** Whether it waits, or how it ended. */
export type Stand = { state: 'waiting' } | ScriptEnd
export type ScriptEnd = { state: 'done'; result: Json } | { state: 'failed'; failure: WorkflowFailure }

/** Endings for a script that it is told in one go. */
export interface Telling {
  endings: readonly Settled[]
  /** What identifies each call, by its index, as it was written down when it was made; nothing: it is not compared. */
  known: readonly (string | undefined)[]
}

/** What became of a script that was told of several endings. */
export type Told = Omit<Advance, 'calls'> &
  Stand & {
    /** What it asked for, each with the place in `endings` of what it had been told of last. */
    calls: { call: WorkflowCall; after: number }[]
    /** The places in `endings` of what it was told of. */
    heard: number[]
    /** The first call that it makes otherwise than `known` has it; null: there is none. */
    liveFrom: number | null
  }

/** A script on its way. Each method answers when the script waits again or is over; they are called one after another. */
export interface WorkflowInterpreter {
  start(): Promise<Progress>
  /** Tells the script how calls ended, as far as it makes the calls that are known. */
  tell(telling: Telling): Promise<Told>
  dispose(): Promise<void>
}
