/** The options and the state of the step kind `test`. */
import { z } from 'zod'
import { TestReport } from '../../contract/report.ts'
import { attempts } from '../gate.ts'
import { StepConfig } from '../model.ts'
import { LegHead } from '../outputs.ts'
import type { StepContext } from '../step-kind.ts'

/** How many fixes work that does not pass its tester gets before a person is asked. */
export const DEFAULT_TEST_ATTEMPTS = 10

export const TestConfig = z.strictObject({
  ...StepConfig.shape,
  kind: z.literal('test'),
  role: z.string().default('tester').describe('The role that tests.'),
  fixer: z.string().default('fixer').describe('The role that mends what the tester found.'),
  attempts: z.int().min(0).max(50).default(DEFAULT_TEST_ATTEMPTS).describe('Fixes before a person is asked.'),
})
export type TestConfig = z.infer<typeof TestConfig>

/** `rounds`: reports that counted. */
const memory = { ...attempts, rounds: z.int().nonnegative() }
/** What a tester said, and of which heads: its word holds for them and for nothing later (REP-6). */
const said = { heads: z.array(LegHead), report: TestReport, summary: z.string() }
export const TestData = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('idle'), ...memory }),
  /** `moved`: pushed by somebody while the tester works. */
  z.object({ phase: z.literal('testing'), heads: z.array(LegHead), moved: z.array(LegHead), ...memory }),
  /** Kept over a failure, so that a retry needs no new report. */
  z.object({ phase: z.literal('fixing'), ...said, ...memory }),
  z.object({ phase: z.literal('opening'), ...memory }),
  z.object({ phase: z.literal('asking'), why: z.string(), ...said, ...memory }),
])
export type TestData = z.infer<typeof TestData>
export type TestSaid = Pick<Extract<TestData, { phase: 'asking' }>, 'heads' | 'report' | 'summary'>
export type TestContext = StepContext<TestConfig, TestData>
