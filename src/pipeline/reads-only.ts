import type { StepConfig } from './model.ts'

/** Kinds whose agents only explore, and that push, open and merge nothing. */
const READING = ['estimate', 'questions', 'plan', 'investigate', 'document', 'parallel', 'companion', 'approval']

/** Whether a pipeline changes nothing in any repository: such a one may run on somebody else's pull request. */
export function readsOnly(steps: readonly StepConfig[]): boolean {
  return steps.every(
    (step) => !step.enabled || READING.includes(step.kind) || (step.kind === 'agent' && step.mode === 'explore'),
  )
}
