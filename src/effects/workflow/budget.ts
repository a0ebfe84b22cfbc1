import type { Run } from '../../pipeline/model.ts'
import type { Budget } from '../../workflow/progress.ts'

/** What a script is told of the run's money: what its steps have cost so far. What is not known counts as nothing. */
export function budgetOf({ steps }: Run): Budget {
  const spent = steps.reduce((sum, { usage }) => sum + (usage.costUsd ?? 0), 0)
  return { total: null, spent }
}
