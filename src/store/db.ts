import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import { z } from 'zod'

/** What every repository function works on: the store as a whole, or a transaction of it, on either driver. */
export type Db = PgDatabase<PgQueryResultHKT>
/** A {@link Db} where the caller must have opened a transaction, because more than one thing must hold together. */
export type Tx = Db

/** The rows of a raw query, checked; node-postgres and PGlite agree on this much of their results. */
export function rowsOf<T extends z.ZodType>(row: T, result: unknown): z.output<T>[] {
  return Result.parse(result).rows.map((each) => row.parse(each))
}

const Result = z.object({ rows: z.array(z.unknown()) })

/** Numbers beyond 32 bits: node-postgres gives text, PGlite a number. */
export const BigNumber = z.coerce.number().int()
