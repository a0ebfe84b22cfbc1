/** The options and the state of the step kind `validate`. */
import { z } from 'zod'
import { CheckedCommand } from '../../contract/report.ts'
import { attempts } from '../gate.ts'
import { StepConfig } from '../model.ts'
import { LegHead } from '../outputs.ts'
import type { StepContext } from '../step-kind.ts'

/** How often red commands send the work back before a person is asked. */
export const DEFAULT_VALIDATE_ATTEMPTS = 3

/** The name under which its jobs run; no agent works in it, so it has no prompt. */
export const VALIDATE_ROLE = 'validate'

/** Most characters of all failing commands' outputs together, and of one, in the feedback. */
export const OUTPUTS_MAX_CHARS = 80_000
export const OUTPUT_MAX_CHARS = 8_000

export const ValidateConfig = z.strictObject({
  ...StepConfig.shape,
  kind: z.literal('validate'),
  attempts: z
    .int()
    .min(0)
    .max(20)
    .default(DEFAULT_VALIDATE_ATTEMPTS)
    .describe('How often red commands send the work back before a person is asked.'),
})
export type ValidateConfig = z.infer<typeof ValidateConfig>

const said = { heads: z.array(LegHead), checks: z.array(CheckedCommand).max(100) }
export const ValidateData = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('idle'), ...attempts }),
  /** `moved`: pushed by somebody while the commands run. */
  z.object({ phase: z.literal('running'), heads: z.array(LegHead), moved: z.array(LegHead), ...attempts }),
  z.object({ phase: z.literal('asking'), why: z.string(), ...said, ...attempts }),
])
export type ValidateData = z.infer<typeof ValidateData>
export type ValidateSaid = Pick<Extract<ValidateData, { phase: 'asking' }>, 'heads' | 'checks'>
export type ValidateChecked = ValidateSaid['checks'][number]
export type ValidateContext = StepContext<ValidateConfig, ValidateData>
