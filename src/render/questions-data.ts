import { z } from 'zod'
import type { Run, Step } from '../pipeline/model.ts'
import { SettledFinding } from '../pipeline/outputs.ts'
import { openQuestions } from '../pipeline/steps/questions.ts'

/** What is read of a questions step's state; the rest is its own. */
const Asked = z.looseObject({ rounds: z.int().nonnegative(), findings: z.array(SettledFinding) })

/** How a questions step stands, for people. */
export interface QuestionsView {
  rounds: number
  /** Everything that was asked, in its order. */
  findings: readonly SettledFinding[]
  /** What can be answered now. */
  asked: readonly string[]
}

/** Null for other kinds of step, and before anybody was asked anything. */
export function questionsView(step: Step): QuestionsView | null {
  if (step.kind !== 'questions') return null
  const { data } = Asked.safeParse(step.data)
  if (data === undefined || data.rounds === 0) return null
  const asked = (openQuestions(step) ?? []).map(({ id }) => id)
  return { rounds: data.rounds, findings: data.findings, asked }
}

/** The questions that are still to be answered now, of whichever step asks. */
export function openNow(run: Run): readonly SettledFinding[] {
  return run.steps.flatMap((step) => openQuestions(step) ?? []).filter(({ how }) => how === 'open')
}
