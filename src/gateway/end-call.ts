/** How a call ended, and what it is charged in place of what was kept free for it. */
import { type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { costOf, type ModelCallEnd, type ModelPrice } from '../contract/model-call.ts'
import type { Instant } from '../pipeline/model.ts'
import { type Db, rowsOf } from '../store/db.ts'
import { modelCalls, spent } from '../store/tables/model-calls.ts'
import { nameOf } from './balances.ts'
import type { OpenedCall } from './payer.ts'

/** A call that was charged: what it cost, and what is spent on its accounts now, by {@link nameOf}. */
export interface ChargedCall {
  readonly costUsd: number
  readonly spentUsd: ReadonlyMap<string, number>
}

const Moved = z.object({ scope: z.string(), subject: z.string(), period: z.string(), spent_usd: z.number() })

/**
 * Writes down how a call ended and charges it, in one statement and once. Null where nothing was charged: the end is a
 * repeated one, or the model is not metered. What nobody told is charged as the most that it can have been; an answer that
 * is an error costs nothing.
 */
export async function endCall(
  db: Db,
  call: OpenedCall,
  { usage, outcome }: Pick<ModelCallEnd, 'usage' | 'outcome'>,
  priceFor: (model: string) => ModelPrice | null,
  at: Instant = Date.now(),
): Promise<ChargedCall | null> {
  const { id, model, reservedUsd } = call
  const cost = reservedUsd === null ? null : costOfEnd({ usage, outcome }, priceFor(model), reservedUsd)
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = usage
  // Its accounts are charged in the order in which calls lock them: two at once never wait for each other.
  const result = await db.execute(sql`
    with ended as (
      update ${modelCalls} set state = ${outcome}, cost_usd = ${cost?.usd ?? null}::float8,
        estimated = ${cost?.estimated ?? false}::boolean, ended_at = ${at}::bigint,
        input_tokens = ${told(inputTokens)}, output_tokens = ${told(outputTokens)},
        cache_read_tokens = ${told(cacheReadTokens)}, cache_write_tokens = ${told(cacheWriteTokens)}
      where id = ${id} and state = 'open'
      returning reserved_usd, accounts
    )
    insert into ${spent} as s (scope, subject, period, reserved_usd, spent_usd)
    select a.scope, a.subject, a.period, -reserved_usd, ${cost?.usd ?? 0}::float8
    from ended, jsonb_to_recordset(accounts) as a(scope text, subject text, period text)
    where reserved_usd is not null
    order by a.scope, a.subject, a.period
    on conflict (scope, subject, period) do update
      set reserved_usd = greatest(s.reserved_usd + excluded.reserved_usd, 0), spent_usd = s.spent_usd + excluded.spent_usd
    returning scope, subject, period, spent_usd`)
  const moved = rowsOf(Moved, result)
  if (cost === null || moved.length === 0) return null
  return { costUsd: cost.usd, spentUsd: new Map(moved.map((row) => [nameOf(row), row.spent_usd])) }
}

/** What the vendor did not say is unknown, not zero. */
function told(tokens: number | undefined): SQL {
  return sql`${tokens ?? null}::int`
}

/** What an ended call is charged, in USD; `estimated`: the vendor did not say it all. */
function costOfEnd(
  { usage, outcome }: Pick<ModelCallEnd, 'usage' | 'outcome'>,
  price: ModelPrice | null,
  reservedUsd: number,
): { usd: number; estimated: boolean } {
  const told = Object.values(usage).some((tokens) => tokens !== undefined)
  if (!told || price === null)
    return outcome === 'failed' ? { usd: 0, estimated: false } : { usd: reservedUsd, estimated: true }
  const usd = costOf(price, usage)
  switch (outcome) {
    case 'done':
    case 'failed':
      return { usd, estimated: false }
    // It was broken off before its last word, which tells what was written: the gateway counted what came through.
    case 'gone':
      return { usd, estimated: true }
    case 'cut':
      return { usd: Math.max(usd, reservedUsd), estimated: true }
  }
}
