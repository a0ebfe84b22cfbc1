/** Which budgets a call of a job counts against, and what each of them is worth now. */
import type { BudgetCeilings, BudgetScope } from '../contract/budget.ts'
import type { JobSpec } from '../contract/job.ts'
import { addedUsd } from '../pipeline/budget.ts'
import type { Instant, Run } from '../pipeline/model.ts'

/** Where something is counted. */
export interface AccountKey {
  readonly scope: BudgetScope
  readonly subject: string
  /** A month like `2026-01`, UTC; empty where the budget knows no months. */
  readonly period: string
}

/** An account with its limit. */
export interface Account extends AccountKey {
  /** What it is of within its scope, for people; a purse's name. */
  readonly of?: string
  /** In USD; null: counted, and not limited. */
  readonly limitUsd: number | null
  /** Whether a person's word can raise it for this run. */
  readonly raisable: boolean
}

/** The month of a moment, UTC: `2026-01`. */
export function monthOf(at: Instant): string {
  return new Date(at).toISOString().slice(0, 7)
}

/**
 * The accounts of a job, the narrowest first. What people added to the run counts for every limit that is not the
 * deployment's own: nobody passes those.
 */
export function accountsOf(
  run: PayingRun,
  job: Pick<PayingJob, 'id' | 'step' | 'purse'>,
  ceilings: BudgetCeilings,
  at: Instant,
): Account[] {
  const { purse } = job
  const own: Account[] = [{ ...keyed('job', job.id), ...limit(run, run.settings.budgets.job, ceilings.job) }]
  if (purse !== undefined) {
    const subject = `${run.id}/${job.step}/${purse.name}`
    own.push({ ...keyed('purse', subject), of: purse.name, ...limit(run, purse.limitUsd, null) })
  }
  return [
    ...own,
    { ...keyed('run', run.id), ...limit(run, run.settings.budgets.run, ceilings.run) },
    ...monthly(run, ceilings, at),
  ]
}

/** A job as its calls are counted. */
export type PayingJob = Pick<JobSpec, 'id' | 'step' | 'role' | 'runtime' | 'purse'>

/** A run as the calls of its jobs are counted. */
export interface PayingRun extends MonthlyPayer {
  readonly id: Run['id']
  readonly settings: Pick<Run['settings'], 'budgets' | 'models'>
}

/** As much of a run, or of one that is still to be, as says whose months it counts against. */
export interface MonthlyPayer {
  readonly task: Pick<Run['task'], 'repositoryId' | 'installationId'> & { readonly requestedBy: { readonly id: number } }
  readonly settings: Pick<Run['settings'], 'budgets'>
  readonly budget?: Run['budget']
}

/** What every run of its repository, its requester and its organisation counts against in this month. */
export function monthly(run: MonthlyPayer, ceilings: BudgetCeilings, at: Instant): Account[] {
  const { repositoryId, requestedBy, installationId } = run.task
  const { budgets } = run.settings
  const month = monthOf(at)
  return [
    { ...keyed('repository', repositoryId, month), ...limit(run, budgets.repositoryMonth, ceilings.repositoryMonth) },
    { ...keyed('person', requestedBy.id, month), ...limit(run, budgets.personMonth, ceilings.personMonth) },
    { ...keyed('organisation', installationId, month), ...limit(run, undefined, ceilings.organisationMonth) },
  ]
}

function keyed(scope: BudgetScope, subject: string | number, period = ''): AccountKey {
  return { scope, subject: String(subject), period }
}

function limit(
  run: Pick<MonthlyPayer, 'budget'>,
  set: number | undefined,
  ceiling: number | null,
): Pick<Account, 'limitUsd' | 'raisable'> {
  const most = ceiling ?? Number.POSITIVE_INFINITY
  const own = set === undefined ? Number.POSITIVE_INFINITY : set + addedUsd(run)
  const least = Math.min(own, most)
  return { limitUsd: Number.isFinite(least) ? least : null, raisable: own < most }
}
