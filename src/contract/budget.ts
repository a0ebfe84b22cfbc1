/** What may be spent on models, as app and core speak of it. All amounts are in USD. */
import { z } from 'zod'

/** Largest amount that can be set, in USD. */
export const USD_MAX = 1_000_000

/** An amount that can be set as a limit. More than nothing: what may cost nothing needs no budget but a "no". */
export const UsdLimit = z.number().positive().max(USD_MAX)

/**
 * What is counted together, and so what a limit can be set for. `purse`: a part of a step's work that has an amount of its
 * own, as a phase of a workflow; `repository`, `person` and `organisation` count by calendar month (UTC).
 */
export const BudgetScope = z.enum(['job', 'purse', 'run', 'repository', 'person', 'organisation'])
export type BudgetScope = z.infer<typeof BudgetScope>

/** An amount that some jobs of one step share, beside every other budget. `name` tells it from others of its step. */
export const Purse = z.object({ name: z.string().min(1).max(100), limitUsd: UsdLimit })
export type Purse = z.infer<typeof Purse>

/** How a budget stood when it was looked at. */
export const BudgetStand = z.object({
  scope: BudgetScope,
  /** What it is of within its scope, where the scope alone does not say: a purse's name. */
  of: z.string().max(100).optional(),
  usedUsd: z.number().nonnegative(),
  limitUsd: z.number().nonnegative(),
  /** What the call that did not fit may cost at most; absent where none was asked for. */
  nextUsd: z.number().nonnegative().optional(),
  /** Whether a person's word can raise it for the run; else the deployment's own ceiling is reached. */
  raisable: z.boolean(),
})
export type BudgetStand = z.infer<typeof BudgetStand>

/** What the deployment's owner lets be spent at most, in USD; null: no limit. Months are calendar months, UTC. */
export interface BudgetCeilings {
  readonly job: number
  readonly run: number
  readonly repositoryMonth: number | null
  readonly personMonth: number | null
  readonly organisationMonth: number | null
}
