/** The part of `.github/switchyard.yml` that says what may be spent on models (SPD-2). */
import { z } from 'zod'
import { type BudgetCeilings, USD_MAX } from '../contract/budget.ts'
import type { Budgets } from '../pipeline/run-settings.ts'
import { DEFAULT_JOB_USD, DEFAULT_RUN_USD } from './defaults.ts'

/** Smallest budget, in USD: less pays for no call. */
const USD_MIN = 0.01

const usd = (description: string, fallback: string) =>
  z.number().min(USD_MIN).max(USD_MAX).optional().describe(`${description}, in USD. Left out: ${fallback}.`)

export const BudgetsFile = z
  .strictObject({
    job: usd('What one job of an agent may cost', `${DEFAULT_JOB_USD}`),
    run: usd('What a run may cost, all its jobs together; `/yard budget` adds to it', `${DEFAULT_RUN_USD}`),
    repositoryMonth: usd(
      'What all runs of this repository may cost in a calendar month (UTC)',
      "the deployment's limit, if it has one",
    ),
    personMonth: usd(
      'What the runs that one person asked for may cost in a calendar month (UTC), wherever they are; it holds for those of this repository',
      "the deployment's limit, if it has one",
    ),
  })
  .describe(
    'What may be spent on models, as far as calls are metered: those with a price, through the model gateway. A repository can only lower what its organisation says, and both only what the deployment says.',
  )
export type BudgetsFile = z.infer<typeof BudgetsFile>

/** What a run is started with: the file's, or the defaults, and never more than the deployment lets be spent. */
export function runBudgets(file: BudgetsFile, ceilings: BudgetCeilings): Budgets {
  const repositoryMonth = lower(file.repositoryMonth, ceilings.repositoryMonth ?? undefined)
  const personMonth = lower(file.personMonth, ceilings.personMonth ?? undefined)
  return {
    job: Math.min(file.job ?? DEFAULT_JOB_USD, ceilings.job),
    run: Math.min(file.run ?? DEFAULT_RUN_USD, ceilings.run),
    runCeiling: ceilings.run,
    ...(repositoryMonth === undefined ? {} : { repositoryMonth }),
    ...(personMonth === undefined ? {} : { personMonth }),
  }
}

/** A repository's over its organisation's: of each amount the lower one. */
export function mergeBudgets(under: BudgetsFile, over: BudgetsFile): BudgetsFile {
  const merged: BudgetsFile = { ...under, ...over }
  for (const key of ['job', 'run', 'repositoryMonth', 'personMonth'] as const) {
    const amount = lower(under[key], over[key])
    if (amount !== undefined) merged[key] = amount
  }
  return merged
}

function lower(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b)
}
