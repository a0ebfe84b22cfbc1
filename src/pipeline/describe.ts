import { stepKind } from './definitions.ts'
import type { Run, Step } from './model.ts'

/** How a step stands, in a few words for people; empty where its state says all. */
export function describeStep(run: Run, step: Step): string {
  return stepKind(step.kind).describe(run, step)
}
