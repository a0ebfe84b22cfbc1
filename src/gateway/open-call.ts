/**
 * A call is written down before it is made, and the most that it can cost is kept free in every budget. Check and charge are
 * one statement: it locks the rows of all accounts, always in the same order, looks at what stands on them under the locks,
 * and then adds to all of them and writes the call, or does none of it. So however many calls are asked for at once, what is
 * spent and reserved never passes a limit; and nothing is kept free for a call that is not in the ledger.
 */
import { randomUUID } from 'node:crypto'
import { type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { BudgetStand } from '../contract/budget.ts'
import { SwitchyardError } from '../contract/failure.ts'
import { costOf, type ModelCallRequest, type ModelPrice } from '../contract/model-call.ts'
import type { Instant } from '../pipeline/model.ts'
import { type Db, rowsOf } from '../store/db.ts'
import { modelCalls, spent } from '../store/tables/model-calls.ts'
import type { Account, PayingJob, PayingRun } from './accounts.ts'
import { EPSILON_USD, nameOf, standOf } from './balances.ts'

/** Bytes of a request that make a token, at least: what is reserved shall rather be too much. */
const BYTES_PER_TOKEN = 3
/** Tokens that a vendor puts before a request by itself, at most: its own words about tools. */
const VENDOR_TOKENS = 1_000
/** What an answer is taken to have at most where the request names no limit, in tokens. */
const OUTPUT_TOKENS = 32_000

/** The most that a call can cost, in USD. */
export function mostOf(price: ModelPrice, request: Pick<ModelCallRequest, 'requestBytes' | 'maxOutputTokens'>): number {
  const inputTokens = VENDOR_TOKENS + Math.ceil(request.requestBytes / BYTES_PER_TOKEN)
  const outputTokens = request.maxOutputTokens ?? OUTPUT_TOKENS
  return costOf({ ...price, input: Math.max(price.input, price.cacheWrite) }, { inputTokens, outputTokens })
}

/** A call that is to be written down. */
export interface NewCall {
  readonly run: Pick<PayingRun, 'id'>
  readonly job: Pick<PayingJob, 'id' | 'step' | 'role'>
  readonly request: ModelCallRequest
  /** What is kept free for it, in USD; null where the model is not metered. */
  readonly reservedUsd: number | null
  /** What it is paid from; none where it is not metered. */
  readonly accounts: readonly Account[]
  readonly at: Instant
}

/** The id of a call that was opened, else the budget it did not fit into: for now, or until somebody raises it. */
export type Opening =
  | { readonly fits: true; readonly call: string }
  | { readonly fits: false; readonly waits: boolean; readonly stand: BudgetStand }

/** Writes a call down and keeps its money free, or finds the budget that it does not fit into. */
export async function openCall(db: Db, call: NewCall): Promise<Opening> {
  const id = randomUUID()
  let { opened, held } = await tryOpening(db, id, call)
  if (!opened && held.length < call.accounts.length) {
    // The first call of a job, of a run or of a month: what is not there cannot be locked.
    await addAccounts(db, call.accounts)
    const again = await tryOpening(db, id, call)
    opened = again.opened
    held = again.held
  }
  return opened ? { fits: true, call: id } : { fits: false, ...refusedBy(call, held) }
}

/** The budget that a call did not fit into; rather one that does not wait for others. */
function refusedBy({ accounts, reservedUsd }: NewCall, held: Tried['held']): { waits: boolean; stand: BudgetStand } {
  const usd = reservedUsd ?? 0
  const full = new Map(held.flatMap((row) => (row.fits ? [] : [[nameOf(row), row.spent_usd]])))
  const over = accounts.flatMap((account) => {
    const spentUsd = full.get(nameOf(account))
    if (spentUsd === undefined || account.limitUsd === null) return []
    // Without what others keep free it would fit: they give back what they do not use.
    const waits = spentUsd + usd <= account.limitUsd + EPSILON_USD
    return [{ waits, stand: standOf(account, account.limitUsd, spentUsd, usd) }]
  })
  const refused = over.find(({ waits }) => !waits) ?? over[0]
  if (refused === undefined)
    throw new SwitchyardError({ cause: 'internal', message: 'A call was not opened, and no budget says why.' })
  return refused
}

const Tried = z.object({
  opened: z.boolean(),
  /** Its accounts, as far as they are there. */
  held: z.array(
    z.object({ scope: z.string(), subject: z.string(), period: z.string(), spent_usd: z.number(), fits: z.boolean() }),
  ),
})
type Tried = z.infer<typeof Tried>

async function tryOpening(db: Db, id: string, { run, job, request, reservedUsd, accounts, at }: NewCall): Promise<Tried> {
  const { start, vendor, model } = request
  const result = await db.execute(sql`
    with asked as (${asked(accounts)}),
    held as (
      select s.scope, s.subject, s.period, s.spent_usd,
        asked.limit_usd is null or s.spent_usd + s.reserved_usd + ${reservedUsd}::float8 <= asked.limit_usd + ${EPSILON_USD}::float8 as fits
      from ${spent} s join asked using (scope, subject, period)
      order by s.scope, s.subject, s.period for update of s
    ),
    verdict as (
      select (select count(*) from held where fits) = (select count(*) from asked) as fits
    ),
    opened as (
      insert into ${modelCalls} (id, job_id, run_id, step, role, start, vendor, model, reserved_usd, accounts, started_at)
      select ${id}, ${job.id}, ${run.id}, ${job.step}, ${job.role}, ${start}::int, ${vendor}, ${model}, ${reservedUsd}::float8,
        (select coalesce(jsonb_agg(to_jsonb(asked) - 'limit_usd'), '[]') from asked), ${at}::bigint
      from verdict where fits returning id
    ),
    kept as (
      update ${spent} s set reserved_usd = s.reserved_usd + ${reservedUsd}::float8
      from held, verdict
      where verdict.fits and (s.scope, s.subject, s.period) = (held.scope, held.subject, held.period)
    )
    select exists (select from opened) as opened, (select coalesce(jsonb_agg(to_jsonb(held)), '[]') from held) as held`)
  const [tried] = rowsOf(Tried, result)
  return tried ?? { opened: false, held: [] }
}

async function addAccounts(db: Db, accounts: readonly Account[]): Promise<void> {
  await db.execute(sql`
    insert into ${spent} (scope, subject, period, reserved_usd, spent_usd)
    select scope, subject, period, 0, 0 from (${asked(accounts)}) as asked order by scope, subject, period
    on conflict do nothing`)
}

/** The accounts as rows, with their limits. */
function asked(accounts: readonly Account[]): SQL {
  const rows = accounts.map(({ scope, subject, period, limitUsd }) => ({ scope, subject, period, limit_usd: limitUsd }))
  return sql`select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as a(scope text, subject text, period text, limit_usd float8)`
}
