/** What stands on accounts: what is spent, and what is kept free for calls that are under way. */
import { and, eq, or, type SQL } from 'drizzle-orm'
import type { BudgetStand } from '../contract/budget.ts'
import type { Db } from '../store/db.ts'
import { spent } from '../store/tables/model-calls.ts'
import type { Account, AccountKey } from './accounts.ts'

/** Amounts are sums of floating numbers: less than this, in USD, is no money. */
export const EPSILON_USD = 1e-9

/** What stands on an account. */
export interface Balance {
  readonly reservedUsd: number
  readonly spentUsd: number
}

/** What stands on these accounts; those that nothing was ever counted on are absent. */
export async function balancesOf(db: Db, accounts: readonly AccountKey[]): Promise<ReadonlyMap<string, Balance>> {
  if (accounts.length === 0) return new Map()
  const found = await db
    .select()
    .from(spent)
    .where(or(...accounts.map(isAccount)))
  return new Map(found.map((row) => [nameOf(row), row]))
}

/** The first of these accounts that is used up; null where there is room on all. */
export async function usedUp(db: Db, accounts: readonly Account[]): Promise<BudgetStand | null> {
  const limited = accounts.filter(({ limitUsd }) => limitUsd !== null)
  const balances = await balancesOf(db, limited)
  for (const account of limited) {
    const { limitUsd } = account
    const spentUsd = balances.get(nameOf(account))?.spentUsd ?? 0
    if (limitUsd !== null && spentUsd > limitUsd - EPSILON_USD) return standOf(account, limitUsd, spentUsd)
  }
  return null
}

/** The name of an account in a map of balances. */
export function nameOf({ scope, subject, period }: { scope: string; subject: string; period: string }): string {
  return `${scope} ${subject} ${period}`
}

/** How a budget stands, for people. */
export function standOf(account: Account, limitUsd: number, usedUsd: number, nextUsd?: number): BudgetStand {
  const { scope, of, raisable } = account
  return {
    scope,
    usedUsd,
    limitUsd,
    raisable,
    ...(of === undefined ? {} : { of }),
    ...(nextUsd === undefined ? {} : { nextUsd }),
  }
}

function isAccount({ scope, subject, period }: AccountKey): SQL | undefined {
  return and(eq(spent.scope, scope), eq(spent.subject, subject), eq(spent.period, period))
}
