import { z } from 'zod'
import { Verdict } from '../contract/report.ts'
import type { Run, Step } from '../pipeline/model.ts'

/** A companion that waits for a person keeps its verdict in its state. */
const Undecided = z.looseObject({ phase: z.literal('asking'), verdict: Verdict })

/** A companion's newest verdict that still stands, or null. */
export function verdictOfStep(step: Step): Verdict | null {
  if (step.kind !== 'companion') return null
  const undecided = Undecided.safeParse(step.data)
  if (undecided.success) return undecided.data.verdict
  return step.output?.kind === 'companion' ? step.output.verdict : null
}

/** The newest verdict of the run, or null. */
export function verdictOf(run: Run): Verdict | null {
  return run.steps.map(verdictOfStep).findLast((verdict) => verdict !== null) ?? null
}
