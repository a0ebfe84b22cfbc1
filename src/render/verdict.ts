import type { Verdict } from '../contract/report.ts'
import type { Step } from '../pipeline/model.ts'
import { undecidedVerdict } from './undecided.ts'

/** A step's newest verdict that still stands, a companion's or a reviewer's; null where it has none. */
export function verdictOfStep(step: Step): Verdict | null {
  const undecided = undecidedVerdict(step)
  if (undecided !== null) return undecided
  const { output } = step
  return output?.kind === 'companion' || output?.kind === 'agent' ? output.verdict : null
}
