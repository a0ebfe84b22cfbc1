import { z } from 'zod'
import type { Run, Step } from '../../../src/pipeline/model.ts'
import { DEFAULT_ATTEMPTS, DEFAULT_RERUNS } from '../../../src/pipeline/steps/ci-data.ts'
import { DEFAULT_REWORKS } from '../../../src/pipeline/steps/companion.ts'
import { DEFAULT_CONFLICT_ATTEMPTS } from '../../../src/pipeline/steps/conflicts-data.ts'
import { MAX_REFUSALS } from '../../../src/pipeline/steps/plan.ts'
import { DEFAULT_ROUNDS } from '../../../src/pipeline/steps/questions.ts'
import { DEFAULT_BATCHES } from '../../../src/pipeline/steps/review.ts'
import { DEFAULT_TEST_ATTEMPTS } from '../../../src/pipeline/steps/test-data.ts'
import { DEFAULT_VALIDATE_ATTEMPTS } from '../../../src/pipeline/steps/validate-data.ts'

const Ci = z.object({ fixes: z.int(), granted: z.int() })
const Companion = z.object({ reworks: z.int(), granted: z.int(), gradings: z.int() })
const Plan = z.object({ refusals: z.int() })
const Review = z.object({ batches: z.int(), granted: z.int() })
const Reruns = z.object({ reruns: z.array(z.object({ head: z.string(), count: z.int() })) })
const Questions = z.object({
  rounds: z.int(),
  granted: z.int(),
  last: z.int(),
  findings: z.array(z.object({ id: z.string() })),
})

/** Kinds that count their fixes as `ci` does, with what they get by default. */
const FIXES: Readonly<Record<string, number>> = {
  test: DEFAULT_TEST_ATTEMPTS,
  validate: DEFAULT_VALIDATE_ATTEMPTS,
  conflicts: DEFAULT_CONFLICT_ATTEMPTS,
}

/** Counters that passed their budget (invariant 6), a sentence each. `good`: states that were looked at before. */
export function budgetFaults(run: Run, good: WeakSet<object>): string[] {
  return run.steps.flatMap((step) => {
    const { data } = step
    if (typeof data === 'object' && data !== null) {
      if (good.has(data)) return []
      good.add(data)
    }
    return faultsOf(step).map((fault) => `${step.id}: ${fault}`)
  })
}

function faultsOf({ kind, data, config, feedback }: Step): string[] {
  const faults = feedback.length > 50 ? ['more than 50 pieces of feedback'] : []
  if (kind === 'ci') {
    const { fixes, granted } = Ci.parse(data)
    const attempts = Number(config.attempts ?? DEFAULT_ATTEMPTS)
    if (fixes > attempts + granted) faults.push(`${fixes} fixes of ${attempts} and ${granted} granted`)
  }
  const most = FIXES[kind]
  if (most !== undefined) {
    const { fixes, granted } = Ci.parse(data)
    const allowed = Number(config.attempts ?? most)
    if (fixes > allowed + granted) faults.push(`${fixes} fixes of ${allowed} and ${granted} granted`)
  }
  if (kind === 'ci') {
    const most = Number(config.reruns ?? DEFAULT_RERUNS)
    for (const { head, count } of Reruns.parse(data).reruns)
      if (count > most) faults.push(`${count} re-runs of ${most} for ${head}`)
  }
  if (kind === 'review') {
    const { batches, granted } = Review.parse(data)
    const allowed = Number(config.batches ?? DEFAULT_BATCHES)
    if (batches > allowed + granted) faults.push(`${batches} batches of ${allowed} and ${granted} granted`)
  }
  if (kind === 'companion') {
    const { reworks, granted, gradings } = Companion.parse(data)
    const allowed = Number(config.reworks ?? DEFAULT_REWORKS)
    if (reworks > allowed + granted) faults.push(`${reworks} reworks of ${allowed} and ${granted} granted`)
    if (reworks > gradings + granted) faults.push(`${reworks} reworks after ${gradings} gradings`)
  }
  if (kind === 'questions') {
    const { rounds, granted, last, findings } = Questions.parse(data)
    const allowed = Number(config.rounds ?? DEFAULT_ROUNDS)
    if (rounds > allowed + granted) faults.push(`${rounds} rounds of ${allowed} and ${granted} granted`)
    if (new Set(findings.map(({ id }) => id)).size !== findings.length) faults.push('two questions have one name')
    if (findings.some(({ id }) => Number(id.slice(1)) > last)) faults.push(`a question is numbered beyond ${last}`)
  }
  if (kind === 'plan') {
    const { refusals } = Plan.parse(data)
    if (refusals > MAX_REFUSALS) faults.push(`${refusals} refusals`)
  }
  return faults
}
