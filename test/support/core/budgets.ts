import { z } from 'zod'
import type { Run, Step } from '../../../src/pipeline/model.ts'
import { DEFAULT_ATTEMPTS } from '../../../src/pipeline/steps/ci.ts'
import { DEFAULT_REWORKS } from '../../../src/pipeline/steps/companion.ts'
import { MAX_REFUSALS } from '../../../src/pipeline/steps/plan.ts'

const Ci = z.object({ fixes: z.int(), granted: z.int() })
const Companion = z.object({ reworks: z.int(), granted: z.int(), gradings: z.int() })
const Plan = z.object({ refusals: z.int() })

/** Counters that passed their budget (invariant 6), a sentence each. */
export function budgetFaults(run: Run): string[] {
  return run.steps.flatMap((step) => faultsOf(step).map((fault) => `${step.id}: ${fault}`))
}

function faultsOf({ kind, data, config, feedback }: Step): string[] {
  const faults = feedback.length > 50 ? ['more than 50 pieces of feedback'] : []
  if (kind === 'ci') {
    const { fixes, granted } = Ci.parse(data)
    const attempts = Number(config.attempts ?? DEFAULT_ATTEMPTS)
    if (fixes > attempts + granted) faults.push(`${fixes} fixes of ${attempts} and ${granted} granted`)
  }
  if (kind === 'companion') {
    const { reworks, granted, gradings } = Companion.parse(data)
    const allowed = Number(config.reworks ?? DEFAULT_REWORKS)
    if (reworks > allowed + granted) faults.push(`${reworks} reworks of ${allowed} and ${granted} granted`)
    if (reworks > gradings + granted) faults.push(`${reworks} reworks after ${gradings} gradings`)
  }
  if (kind === 'plan') {
    const { refusals } = Plan.parse(data)
    if (refusals > MAX_REFUSALS) faults.push(`${refusals} refusals`)
  }
  return faults
}
