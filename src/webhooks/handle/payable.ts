/** Whether a run could pay for its agents (RUN-2): the models of its roles have a price, and its months have money left. */
import type { Environment } from '../../config/environment.ts'
import { inWords } from '../../config/nearest.ts'
import type { RunPlan } from '../../config/settings.ts'
import type { BudgetScope, BudgetStand } from '../../contract/budget.ts'
import { type MonthlyPayer, monthly } from '../../gateway/accounts.ts'
import { balancesOf, nameOf, standOf, usedUp } from '../../gateway/balances.ts'
import { reachedWords } from '../../pipeline/budget.ts'
import type { Intake } from './intake.ts'
import { rolesOfSteps } from './live-runtimes.ts'
import type { Refusal } from './plan-start.ts'
import { unlistedModel, unpricedModel } from './priced-model.ts'

/** Where the limit of a month is set: in the repository's file, and by whoever runs Switchyard. */
const MONTHS: Partial<Record<BudgetScope, { file?: string; deployment: string }>> = {
  repository: { file: 'budgets.repositoryMonth', deployment: 'BUDGET_REPOSITORY_MONTH_USD' },
  person: { file: 'budgets.personMonth', deployment: 'BUDGET_PERSON_MONTH_USD' },
  organisation: { deployment: 'BUDGET_ORGANISATION_MONTH_USD' },
}

/** The roles whose model is not among those that may be asked for; null where each is, or names none. */
export function unlistedRoles(
  { steps, settings }: Pick<RunPlan, 'steps' | 'settings'>,
  models: Environment['models'],
): Refusal | null {
  const refused = rolesOfSteps(steps).flatMap((role) => {
    const model = settings.roles[role]?.runtime.model ?? ''
    const unlisted = model === '' ? null : unlistedModel(model, models, settings)
    return unlisted === null ? [] : [{ role, model, ...unlisted }]
  })
  const [first] = refused
  if (first === undefined) return null
  const roles = refused.flatMap(({ role, model }) => (model === first.model ? [role] : []))
  return {
    why: `${first.why} (${inWords(roles, 'and')} would work with it)`,
    remedy: `${first.remedy} Set one of these with \`roles.<role>.runtime.model\` in \`.github/switchyard.yml\`.`,
  }
}

/** The roles whose model may not be called here, as nobody knows what it costs; null where each may be, or names none. */
export function unpricedRoles(
  { steps, settings }: Pick<RunPlan, 'steps' | 'settings'>,
  models: Environment['models'],
): Refusal | null {
  const refused = rolesOfSteps(steps).flatMap((role) => {
    const model = settings.roles[role]?.runtime.model ?? ''
    const unpriced = model === '' ? null : unpricedModel(model, models)
    return unpriced?.refused ? [{ role, model, ...unpriced }] : []
  })
  const [first] = refused
  if (first === undefined) return null
  const roles = refused.flatMap(({ role, model }) => (model === first.model ? [role] : []))
  return {
    why: `${first.why} (${inWords(roles, 'and')} would work with it)`,
    remedy: `${first.remedy} Or set another model with \`roles.<role>.runtime.model\` in \`.github/switchyard.yml\`.`,
  }
}

/** The month's budget that is used up; null where there is something left, or where no step of the run has an agent to pay. */
export async function nothingLeft(
  { store, deployment, now }: Pick<Intake, 'store' | 'deployment' | 'now'>,
  { steps, settings }: Pick<RunPlan, 'steps' | 'settings'>,
  task: MonthlyPayer['task'],
): Promise<Refusal | null> {
  if (rolesOfSteps(steps).length === 0) return null
  const at = now()
  const stand = await usedUp(store.db, monthly({ task, settings }, deployment.budgets, at))
  if (stand === null) return null
  const { file, deployment: variable } = MONTHS[stand.scope] ?? {}
  const raise =
    stand.raisable && file !== undefined
      ? `Raise \`${file}\` in \`.github/switchyard.yml\``
      : `Ask who runs Switchyard to raise \`${variable}\``
  const words = reachedWords(stand)
  return {
    why: `${words.charAt(0).toLowerCase()}${words.slice(1)}`,
    remedy: `${raise}, or start again from ${nextMonth(at)} (UTC) on, when the next month's budget begins.`,
  }
}

/** The months that a run would count against, as far as they are limited, with what is spent of each now. */
export async function monthsOf(
  { store, deployment, now }: Pick<Intake, 'store' | 'deployment' | 'now'>,
  { settings }: Pick<RunPlan, 'settings'>,
  task: MonthlyPayer['task'],
): Promise<BudgetStand[]> {
  const accounts = monthly({ task, settings }, deployment.budgets, now())
  const balances = await balancesOf(store.db, accounts)
  return accounts.flatMap((account) => {
    const { limitUsd } = account
    return limitUsd === null ? [] : [standOf(account, limitUsd, balances.get(nameOf(account))?.spentUsd ?? 0)]
  })
}

/** The first day of the next month, UTC. */
function nextMonth(at: number): string {
  const day = new Date(at)
  return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 1)).toISOString().slice(0, 10)
}
