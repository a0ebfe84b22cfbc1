/** The options and the state of the step kind `release`. */
import { z } from 'zod'
import { Regression } from '../../contract/report.ts'
import { Instant, StepConfig } from '../model.ts'
import type { StepContext } from '../step-kind.ts'

/** How long a release is watched, in minutes. */
export const DEFAULT_WINDOW_MINUTES = 30
/** How often it is looked at, in seconds. */
export const DEFAULT_INTERVAL_SECONDS = 60

export const MS_PER_SECOND = 1_000
export const MS_PER_MINUTE = 60_000
/** Signals that are kept, and characters of each. */
export const SIGNALS_MAX = 50
export const SIGNAL_MAX_CHARS = 500

export const ReleaseConfig = z.strictObject({
  ...StepConfig.shape,
  kind: z.literal('release'),
  windowMinutes: z
    .int()
    .min(1)
    .max(1_440)
    .default(DEFAULT_WINDOW_MINUTES)
    .describe('How long the release is watched, in minutes.'),
  intervalSeconds: z
    .int()
    .min(10)
    .max(3_600)
    .default(DEFAULT_INTERVAL_SECONDS)
    .describe('How often it is looked at, in seconds.'),
  checks: z.array(z.string().min(1).max(200)).max(50).default([]).describe('Names of checks on the default branch that count.'),
  environment: z.string().min(1).max(100).optional().describe('The GitHub environment whose deployments count.'),
  probe: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .optional()
    .describe('An address that must answer well.'),
  role: z.string().default('oncall').describe('The role that looks into a regression.'),
})
export type ReleaseConfig = z.infer<typeof ReleaseConfig>

/** `good`: at least one good sign was seen in this window. `signals`: the newest, a line each. */
const memory = {
  since: Instant,
  good: z.boolean(),
  signals: z.array(z.string()).max(SIGNALS_MAX),
}
export const ReleaseData = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('idle') }),
  z.object({ phase: z.literal('asking'), effect: z.string(), ...memory }),
  z.object({ phase: z.literal('watching'), ...memory }),
  z.object({ phase: z.literal('investigating'), ...memory }),
  /** `regression` is null where the agent on call could not say anything. */
  z.object({ phase: z.literal('regressed'), regression: Regression.nullable(), ...memory }),
])
export type ReleaseData = z.infer<typeof ReleaseData>
export type ReleaseMemory = Pick<Extract<ReleaseData, { phase: 'watching' }>, 'since' | 'good' | 'signals'>
export type ReleaseContext = StepContext<ReleaseConfig, ReleaseData>
