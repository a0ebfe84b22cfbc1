import { z } from 'zod'
import { StepId } from '../contract/ids.ts'
import type { Run, Step } from '../pipeline/model.ts'
import { activeStep } from '../pipeline/state.ts'

/** What an approval that waits keeps of what it asks about. */
const Asking = z.looseObject({ phase: z.literal('asking'), of: StepId, hash: z.string() })

/** What is to be approved: a word for it, and its hash. */
export interface ApprovalSubject {
  noun: 'plan' | 'document'
  hash: string
  of: Step | undefined
}

/** What the run asks to have approved now; null where it asks for nothing. */
export function approvalSubject(run: Run): ApprovalSubject | null {
  const { data } = Asking.safeParse(activeStep(run)?.data)
  if (data === undefined) return null
  const of = run.steps.find(({ id }) => id === data.of)
  return { noun: of?.output?.kind === 'artefact' ? 'document' : 'plan', hash: data.hash, of }
}

/** The word for what has this hash. */
export function nounOf(run: Run, hash: string): ApprovalSubject['noun'] {
  return run.steps.some(({ output }) => output?.kind === 'artefact' && output.hash === hash) ? 'document' : 'plan'
}
