import { sql } from 'drizzle-orm'
import type { Db, Tx } from './db.ts'

/**
 * Runs `act` in a transaction that no other of the same name runs beside, in any process. For what must be decided in
 * one serial place, such as admission.
 */
export async function withLock<T>(db: Db, name: string, act: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`switchyard:${name}`} || current_schema(), 0))`)
    return act(tx)
  })
}
