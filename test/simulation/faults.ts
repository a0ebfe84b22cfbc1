/**
 * Faults that `mutations.ts` puts into a copy of the source, one at a time: an exact piece of text and what stands there
 * instead. Each is one that somebody could make by mistake, and each must be caught.
 */
import { ENGINE_FAULTS } from './faults/engine.ts'
import { GATE_FAULTS } from './faults/gates.ts'
import { MERGE_FAULTS } from './faults/merges.ts'
import { MONEY_FAULTS } from './faults/money.ts'
import { OUTSIDE_FAULTS } from './faults/outside.ts'
import { STEP_FAULTS } from './faults/steps.ts'

export interface SourceFault {
  /** What is wrong then, in words. */
  name: string
  /** From the repository's root. */
  file: string
  /** Text that is there exactly once, and what replaces it; applied in order. */
  edits: readonly (readonly [from: string, to: string])[]
  /** Test files that should see it. */
  tests: readonly string[]
}

export const FAULTS: readonly SourceFault[] = [
  ...ENGINE_FAULTS,
  ...GATE_FAULTS,
  ...MERGE_FAULTS,
  ...STEP_FAULTS,
  ...OUTSIDE_FAULTS,
  ...MONEY_FAULTS,
]
