/**
 * What a dynamic workflow's step and the advancing of its script tell one another. The script itself, and its journal of
 * up to a thousand calls, are outside the run: a run knows only what is in flight, and counts.
 */
import { z } from 'zod'
import { Failure } from '../contract/failure.ts'
import { JobId, LegKey } from '../contract/ids.ts'
import { JobMode } from '../contract/job.ts'

/** Jobs that one workflow has at the same time at the most (WF-2). */
export const CALLS_AT_ONCE = 16
/** Calls that one workflow makes at the most (WF-2). */
export const CALLS_MAX = 1_000
/** Phases that are told apart; calls of further ones are counted with the last. */
export const PHASES_MAX = 40
/** Lines that a script may write between two waits; of more, only their number is kept. */
export const LOG_LINES_MAX = 50
/** Longest name of a call or a phase, in characters. */
export const LABEL_MAX = 200

const Label = z.string().max(LABEL_MAX)
const Index = z.int().nonnegative().max(CALLS_MAX)

/** The role of a call; of one that names none, by its mode. */
export function roleOfCall({ role, mode }: { role?: string | null | undefined; mode?: string | null | undefined }): string {
  return role ?? (mode === 'code' ? 'coder' : 'researcher')
}

/** A call that is to begin: a place is free for it. */
export const CallToStart = z.object({
  index: Index,
  kind: z.enum(['agent', 'collect']),
  label: Label,
  phase: Label,
  role: z.string().max(40),
  mode: JobMode,
  /** What it changes stays on a branch of its own; else it goes to the work branches, and no other such call is at work. */
  apart: z.boolean(),
})
export type CallToStart = z.infer<typeof CallToStart>

/** A question of a script to the people (`checkpoint`). Without options, any words are an answer. */
export const Checkpoint = z.object({
  index: Index,
  question: z.string().min(1).max(5_000),
  options: z.array(z.string().min(1).max(1_000)).max(10),
})
export type Checkpoint = z.infer<typeof Checkpoint>

/** A branch where a conflict stopped a collection. */
export const Collision = z.object({ leg: LegKey, branch: z.string().max(255) })
export type Collision = z.infer<typeof Collision>

/** A call that has ended, and that its script has not been told of. `job`: whose result it is; `answer`: what a person said. */
export const CallSettled = z.object({
  index: Index,
  job: JobId.nullable(),
  answer: z.string().max(20_000).nullable(),
  by: z.string().max(200).nullable(),
  /** Why there is no result. */
  why: z.string().max(2_000).nullable(),
})
export type CallSettled = z.infer<typeof CallSettled>

/** How far a phase is. */
export const PhaseCount = z.object({
  title: Label,
  asked: z.int().nonnegative(),
  done: z.int().nonnegative(),
  failed: z.int().nonnegative(),
})
export type PhaseCount = z.infer<typeof PhaseCount>

/** Where a script stands. `open`: calls that it waits for and that have not begun. */
export const ScriptState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('waiting'), open: z.int().nonnegative() }),
  z.object({ state: z.literal('done'), title: z.string().max(200).nullable(), text: z.string().max(60_000) }),
  z.object({ state: z.literal('failed'), failure: Failure }),
])
export type ScriptState = z.infer<typeof ScriptState>
