/** The options and the state of the step kind `conflicts`. */
import { z } from 'zod'
import { attempts } from '../gate.ts'
import { StepConfig } from '../model.ts'
import { LegHead } from '../outputs.ts'
import type { StepContext } from '../step-kind.ts'

/** How often a resolver works before a person is asked. */
export const DEFAULT_CONFLICT_ATTEMPTS = 3

export const ConflictsConfig = z.strictObject({
  ...StepConfig.shape,
  kind: z.literal('conflicts'),
  role: z.string().default('resolver').describe('The role that resolves conflicts.'),
  attempts: z
    .int()
    .min(0)
    .max(20)
    .default(DEFAULT_CONFLICT_ATTEMPTS)
    .describe('How often conflicts are resolved before a person is asked.'),
})
export type ConflictsConfig = z.infer<typeof ConflictsConfig>

const memory = {
  ...attempts,
  /** Attempts after which the branches had moved on. */
  resolved: z.int().nonnegative(),
  /** What the last attempt left undone, for the next one and for people. */
  left: z.string().max(20_000).nullable(),
}
/** The heads that conflict with their base. */
const dirty = z.array(LegHead).max(20)
export const ConflictsData = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('idle'), ...memory }),
  /** `again`: a hint came meanwhile, so the answer may be older than the hint. `asks`: in a row, without a decision. */
  z.object({
    phase: z.literal('asking'),
    effect: z.string(),
    asks: z.int().nonnegative(),
    again: z.boolean(),
    ...memory,
  }),
  z.object({ phase: z.literal('watching'), asks: z.int().nonnegative(), ...memory }),
  z.object({ phase: z.literal('resolving'), dirty, ...memory }),
  z.object({ phase: z.literal('opening'), ...memory }),
  z.object({ phase: z.literal('stuck'), why: z.string(), dirty, ...memory }),
])
export type ConflictsData = z.infer<typeof ConflictsData>
export type ConflictsContext = StepContext<ConflictsConfig, ConflictsData>
