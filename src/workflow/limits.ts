import { z } from 'zod'

/** Scripts that a process keeps at work. Each has a thread, and up to its memory limit. */
export const SCRIPTS_KEPT = 8
/** How long a script is kept that nobody goes on with, in ms. */
export const SCRIPT_IDLE_MS = 10 * 60_000

const MIB = 1024 * 1024
const KIB = 1024

/**
 * What a workflow's script may use. All but `turnMs` are counted, so that the same script with the same results always
 * ends in the same way.
 */
export const WorkflowLimits = z.strictObject({
  /** Memory of the script, in bytes. */
  memoryBytes: z
    .int()
    .min(4 * MIB)
    .max(512 * MIB)
    .default(64 * MIB),
  /** Function calls, turns of loops and steps of regular expressions in all, counted in lots of 10,000. */
  steps: z.int().min(1_000_000).max(10_000_000_000).default(100_000_000),
  /** Stack of the script, in bytes: about a thousand calls deep for 256 KiB. */
  stackBytes: z
    .int()
    .min(32 * KIB)
    .max(512 * KIB)
    .default(256 * KIB),
  /** Calls of `agent`, `checkpoint` and `collect` together. */
  calls: z.int().min(1).max(10_000).default(1_000),
  /** Length of one prompt or question, in characters. */
  promptChars: z.int().min(1_000).max(500_000).default(60_000),
  /** Length of all prompts, questions and options together, in characters. */
  askedChars: z.int().min(10_000).max(100_000_000).default(20_000_000),
  /** Length of one result as JSON, in characters: a call's, or the script's own. */
  resultChars: z.int().min(1_000).max(16_000_000).default(1_000_000),
  /** Lines of the log; what is beyond is left out. */
  logLines: z.int().min(10).max(100_000).default(1_000),
  /**
   * How long the script may work between two waits, in ms by the clock. It is the last resort against what cannot be
   * counted; a script that meets it fails here, and may not fail on a faster machine.
   */
  turnMs: z.int().min(1_000).max(600_000).default(30_000),
})
export type WorkflowLimits = z.infer<typeof WorkflowLimits>
