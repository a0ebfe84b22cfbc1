import { addedUsd } from '../../pipeline/budget.ts'
import type { Run } from '../../pipeline/model.ts'
import type { Budget } from '../../workflow/progress.ts'

/**
 * What a script is told of the run's money: what its steps have cost so far, and what the run may cost. What is not known
 * counts as nothing.
 */
export function budgetOf(run: Run): Budget {
  const { steps, settings } = run
  const limit = settings.budgets.run
  const spent = steps.reduce((sum, { usage }) => sum + (usage.costUsd ?? 0), 0)
  return { total: limit === undefined ? null : limit + addedUsd(run), spent }
}
