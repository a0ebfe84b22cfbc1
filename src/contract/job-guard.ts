import { z } from 'zod'

/** How far a setting can loosen a guard, as a multiple of its default. */
const LOOSEN_MAX = 10

/** A count at which an agent is stopped; a setting can only raise it, and not without end. */
const atLeast = (count: number) =>
  z
    .int()
    .min(count)
    .max(count * LOOSEN_MAX)
    .default(count)

/** When an agent that is busy is taken to get nowhere. All are counts; the attempt ends at this one. */
export const JobGuard = z.object({
  /** Tool calls without an edit; reads and searches are not counted. Not for a job that explores. */
  callsWithoutEdit: atLeast(40),
  /** Failing tool calls in a row. */
  failingCalls: atLeast(12),
  /** Calls in a row that ask the web. */
  webCalls: atLeast(25),
  /** Turns of the model. */
  turns: atLeast(200),
  /** The same failing command without an edit in between, or the same edit made again. */
  repeats: atLeast(5),
})
export type JobGuard = z.infer<typeof JobGuard>
