/**
 * What is spent and what is kept free, account by account. Check and charge are one act: {@link reserve} adds to all
 * accounts of a call in one statement, which locks their rows, always in the same order, and looks at what came of it before
 * anybody else can. So however many calls are asked for at once, what is spent and reserved never passes a limit.
 */
import { and, eq, or, type SQL, sql } from 'drizzle-orm'
import type { BudgetStand } from '../contract/budget.ts'
import type { Db, Tx } from '../store/db.ts'
import { spent } from '../store/tables/model-calls.ts'
import type { Account, AccountKey } from './accounts.ts'

/** Amounts are sums of floating numbers: less than this, in USD, is no money. */
const EPSILON_USD = 1e-9

/** What stands on an account. */
export interface Balance {
  readonly reservedUsd: number
  readonly spentUsd: number
}

/** Whether an amount was kept free, else the budget it did not fit into: for now, or until somebody raises it. */
export type Reserved = { readonly fits: true } | { readonly fits: false; readonly waits: boolean; readonly stand: BudgetStand }

/** Keeps an amount free on all accounts, or on none. */
export async function reserve(tx: Tx, accounts: readonly Account[], usd: number): Promise<Reserved> {
  const balances = await move(tx, accounts, { reservedUsd: usd, spentUsd: 0 })
  const over = accounts.flatMap((account) => {
    const { reservedUsd, spentUsd } = balances.get(nameOf(account)) ?? { reservedUsd: 0, spentUsd: 0 }
    const { limitUsd } = account
    if (limitUsd === null || spentUsd + reservedUsd <= limitUsd + EPSILON_USD) return []
    // Without what others keep free it would fit: they give back what they do not use.
    const waits = spentUsd + usd <= limitUsd + EPSILON_USD
    return [{ waits, stand: standOf(account, limitUsd, spentUsd, usd) }]
  })
  const refused = over.find(({ waits }) => !waits) ?? over[0]
  if (refused === undefined) return { fits: true }
  await move(tx, accounts, { reservedUsd: -usd, spentUsd: 0 })
  return { fits: false, ...refused }
}

/** Charges what a call cost in place of what was kept free for it; gives the balances, by {@link nameOf}. */
export function charge(
  tx: Tx,
  accounts: readonly AccountKey[],
  { reservedUsd, costUsd }: { reservedUsd: number; costUsd: number },
): Promise<ReadonlyMap<string, Balance>> {
  return move(tx, accounts, { reservedUsd: -reservedUsd, spentUsd: costUsd })
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

/** Adds to both sides of every account, in one statement and always in the same order: two calls never wait for each other. */
async function move(
  tx: Tx,
  accounts: readonly AccountKey[],
  { reservedUsd, spentUsd }: Balance,
): Promise<Map<string, Balance>> {
  const rows = accounts
    .map(({ scope, subject, period }) => ({ scope, subject, period, reservedUsd, spentUsd }))
    .toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
  if (rows.length === 0) return new Map()
  const moved = await tx
    .insert(spent)
    .values(rows)
    .onConflictDoUpdate({
      target: [spent.scope, spent.subject, spent.period],
      set: {
        reservedUsd: sql`greatest(${spent.reservedUsd} + excluded.reserved_usd, 0)`,
        spentUsd: sql`${spent.spentUsd} + excluded.spent_usd`,
      },
    })
    .returning()
  return new Map(moved.map((row) => [nameOf(row), row]))
}

function isAccount({ scope, subject, period }: AccountKey): SQL | undefined {
  return and(eq(spent.scope, scope), eq(spent.subject, subject), eq(spent.period, period))
}
