/** Runs that wait for a month's budget: they go on by themselves when the month is over, or when its limit was raised. */
import type { BudgetCeilings } from '../contract/budget.ts'
import { monthly } from '../gateway/accounts.ts'
import { balancesOf, nameOf } from '../gateway/balances.ts'
import type { Instant } from '../pipeline/model.ts'
import type { Db } from '../store/db.ts'
import { pausedForBudget } from '../store/paused-runs.ts'
import type { Engine } from './engine.ts'

/** Tells the runs whose month has room again. Gives how many. */
export async function sweepBudgets(db: Db, engine: Engine, ceilings: BudgetCeilings, now: Instant): Promise<number> {
  let found = 0
  for (const run of await pausedForBudget(db)) {
    const stand = run.budget?.reached ?? null
    const account = monthly(run, ceilings, now).find(({ scope }) => scope === stand?.scope)
    if (stand === null || account === undefined) continue
    const { spentUsd = 0 } = (await balancesOf(db, [account])).get(nameOf(account)) ?? {}
    if (account.limitUsd !== null && spentUsd + (stand.nextUsd ?? 0) > account.limitUsd) continue
    const { applied } = await engine.apply(run.id, `room:${run.version}`, { type: 'budget.room' })
    if (applied) found += 1
  }
  return found
}
