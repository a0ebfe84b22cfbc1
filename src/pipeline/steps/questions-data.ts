/** The options and the state of the step kind `questions`. */
import { z } from 'zod'
import { type Step, StepConfig } from '../model.ts'
import { SettledFinding } from '../outputs.ts'
import { MAX_FINDINGS, MAX_OPEN } from '../settle-findings.ts'

/** How many rounds of questions people are asked before one of them decides how to go on. */
export const DEFAULT_ROUNDS = 6

export const QuestionsConfig = z.strictObject({
  ...StepConfig.shape,
  kind: z.literal('questions'),
  role: z.string().default('requirements').describe('The role that reads the task and asks.'),
  tolerate: z
    .enum(['none', 'low', 'medium'])
    .default('none')
    .describe('Questions up to this severity may stay open; with `none` every one is to be settled.'),
  rounds: z.int().min(1).max(20).default(DEFAULT_ROUNDS).describe('Rounds of questions before a person decides how to go on.'),
})
export type QuestionsConfig = z.infer<typeof QuestionsConfig>

const memory = {
  /** Rounds of questions that people were asked. */
  rounds: z.int().nonnegative(),
  /** Extra rounds that a person granted at the cap. */
  granted: z.int().nonnegative(),
  /** The number of the last question, so that no two have the same. */
  last: z.int().nonnegative(),
  /** Everything that was asked and is still worth knowing, in the order of its numbers. */
  findings: z.array(SettledFinding).max(MAX_FINDINGS),
  /** The brief as it was written last; empty before the first reading. */
  brief: z.string(),
}
export const QuestionsData = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('idle'), ...memory }),
  z.object({ phase: z.literal('reading'), ...memory }),
  /** `asked`: the questions of this round; only they can be answered now. */
  z.object({ phase: z.literal('asking'), asked: z.array(z.string()).max(MAX_OPEN), ...memory }),
  z.object({ phase: z.literal('cap'), ...memory }),
])
export type QuestionsData = z.infer<typeof QuestionsData>
export type QuestionsMemory = ReturnType<typeof memoryOf>

/** The questions of the round that is being asked, those already settled among them; null when the step asks nothing now. */
export function openQuestions(step: Step): readonly SettledFinding[] | null {
  if (step.kind !== 'questions') return null
  const { data } = QuestionsData.safeParse(step.data)
  return data?.phase === 'asking' ? data.findings.filter(({ id }) => data.asked.includes(id)) : null
}

/** What stays over all phases. */
export function memoryOf({ rounds, granted, last, findings, brief }: QuestionsData) {
  return { rounds, granted, last, findings, brief }
}
