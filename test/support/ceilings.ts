import type { BudgetCeilings } from '../../src/contract/budget.ts'

/** What a deployment that sets nothing lets be spent, in USD. */
export const CEILINGS: BudgetCeilings = {
  job: 100,
  run: 250,
  repositoryMonth: null,
  personMonth: null,
  organisationMonth: null,
}
