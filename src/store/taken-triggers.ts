import { eq, lte } from 'drizzle-orm'
import type { Instant } from '../pipeline/model.ts'
import type { Db } from './db.ts'
import { takenTriggers } from './tables/github.ts'

/** True for the first who takes this trigger (a command by its comment's id and place, a checkbox); false ever after. */
export async function claimTrigger(db: Db, key: string, at: Instant = Date.now()): Promise<boolean> {
  const claimed = await db.insert(takenTriggers).values({ key, at }).onConflictDoNothing().returning({ key: takenTriggers.key })
  return claimed.length === 1
}

export async function isTriggerTaken(db: Db, key: string): Promise<boolean> {
  const found = await db.select({ key: takenTriggers.key }).from(takenTriggers).where(eq(takenTriggers.key, key))
  return found.length === 1
}

/** Takes a trigger that was never taken, or last before `since`; false where it was taken since. */
export async function claimTriggerAnew(db: Db, key: string, since: Instant, at: Instant): Promise<boolean> {
  const claimed = await db
    .insert(takenTriggers)
    .values({ key, at })
    .onConflictDoUpdate({ target: takenTriggers.key, set: { at }, setWhere: lte(takenTriggers.at, since) })
    .returning({ key: takenTriggers.key })
  return claimed.length === 1
}
