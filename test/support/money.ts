/** The books of spending, as tests write and read them beside the app. */
import { eq, sql } from 'drizzle-orm'
import type { AccountKey } from '../../src/gateway/accounts.ts'
import type { OpenedCall } from '../../src/gateway/payer.ts'
import type { Db } from '../../src/store/db.ts'
import { modelCalls, spent } from '../../src/store/tables/model-calls.ts'

/** So much more was spent on an account. */
export async function wasSpent(db: Db, { scope, subject, period }: AccountKey, spentUsd: number): Promise<void> {
  await db
    .insert(spent)
    .values({ scope, subject, period, reservedUsd: 0, spentUsd })
    .onConflictDoUpdate({
      target: [spent.scope, spent.subject, spent.period],
      set: { spentUsd: sql`${spent.spentUsd} + excluded.spent_usd` },
    })
}

/** A call as it was written down. */
export async function openedCall(db: Db, id: string): Promise<OpenedCall> {
  const { model, reservedUsd } = modelCalls
  const [found] = await db.select({ id: modelCalls.id, model, reservedUsd }).from(modelCalls).where(eq(modelCalls.id, id))
  if (found === undefined) throw new Error(`there is no call ${id}`)
  return found
}
