/** The books over calls of models: a row before each call, its end afterwards. */
import { randomUUID } from 'node:crypto'
import { and, asc, eq, sql, type sum } from 'drizzle-orm'
import { z } from 'zod'
import { BudgetScope } from '../contract/budget.ts'
import type { JobId, RunId } from '../contract/ids.ts'
import { type CallUsage, costOf, type ModelCallEnd, type ModelCallRequest, type ModelPrice } from '../contract/model-call.ts'
import type { Instant } from '../pipeline/model.ts'
import type { Db, Tx } from '../store/db.ts'
import { modelCalls } from '../store/tables/model-calls.ts'
import type { AccountKey } from './accounts.ts'
import { type Balance, charge } from './balances.ts'

/** Bytes of a request that make a token, at least: what is reserved shall rather be too much. */
const BYTES_PER_TOKEN = 3
/** Tokens that a vendor puts before a request by itself, at most: its own words about tools. */
const VENDOR_TOKENS = 1_000
/** What an answer is taken to have at most where the request names no limit, in tokens. */
const OUTPUT_TOKENS = 32_000

/** Whose call it is. */
export interface Caller {
  readonly jobId: JobId
  readonly runId: RunId
  readonly step: string
  readonly role: string
}

const Accounts = z.array(z.object({ scope: BudgetScope, subject: z.string(), period: z.string() }))

/** The most that a call can cost, in USD. */
export function mostOf(price: ModelPrice, request: Pick<ModelCallRequest, 'requestBytes' | 'maxOutputTokens'>): number {
  const inputTokens = VENDOR_TOKENS + Math.ceil(request.requestBytes / BYTES_PER_TOKEN)
  const outputTokens = request.maxOutputTokens ?? OUTPUT_TOKENS
  return costOf({ ...price, input: Math.max(price.input, price.cacheWrite) }, { inputTokens, outputTokens })
}

/** Writes a call down before it is made. Gives its id. `reservedUsd` is null where the model is not metered. */
export async function openCall(
  tx: Tx,
  caller: Caller,
  request: ModelCallRequest,
  paid: { readonly reservedUsd: number | null; readonly accounts: readonly AccountKey[] },
  at: Instant = Date.now(),
): Promise<string> {
  const id = randomUUID()
  const { start, vendor, model } = request
  const { jobId, runId, step, role } = caller
  const accounts = paid.accounts.map(({ scope, subject, period }) => ({ scope, subject, period }))
  const row = { id, jobId, runId, step, role, start, vendor, model, reservedUsd: paid.reservedUsd, accounts, startedAt: at }
  await tx.insert(modelCalls).values(row)
  return id
}

/** A call that was closed: what it cost, and what stands on its accounts now. */
export interface ClosedCall {
  readonly costUsd: number | null
  readonly balances: ReadonlyMap<string, Balance>
}

/**
 * Writes down how a call ended and charges it, once: a repeated end changes nothing and gives null. What nobody told is
 * charged as the most that it can have been; an answer that is an error costs nothing.
 */
export async function endCall(
  db: Db,
  job: JobId,
  { call, usage, outcome }: Omit<ModelCallEnd, 'start'>,
  priceFor: (model: string) => ModelPrice | null,
  at: Instant = Date.now(),
): Promise<ClosedCall | null> {
  return db.transaction(async (tx) => {
    const open = and(eq(modelCalls.id, call), eq(modelCalls.jobId, job), eq(modelCalls.state, 'open'))
    const [found] = await tx
      .select({ model: modelCalls.model, reservedUsd: modelCalls.reservedUsd, accounts: modelCalls.accounts })
      .from(modelCalls)
      .where(open)
      .for('update')
    if (found === undefined) return null
    const { reservedUsd } = found
    const cost = reservedUsd === null ? null : costOfEnd({ usage, outcome }, priceFor(found.model), reservedUsd)
    await tx
      .update(modelCalls)
      .set({ state: outcome, costUsd: cost?.usd ?? null, estimated: cost?.estimated ?? false, endedAt: at, ...usage })
      .where(eq(modelCalls.id, call))
    if (cost === null || reservedUsd === null) return { costUsd: null, balances: new Map() }
    const balances = await charge(tx, Accounts.parse(found.accounts), { reservedUsd, costUsd: cost.usd })
    return { costUsd: cost.usd, balances }
  })
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

/** What calls of one kind used together. */
export interface Spent {
  readonly step: string
  readonly role: string
  readonly model: string
  readonly calls: number
  /** Calls that are under way. */
  readonly open: number
  /** Calls whose model has no price: they cost what nobody knows. */
  readonly unmetered: number
  /** Calls whose cost is not the vendor's word, but the most that it can have been. */
  readonly estimated: number
  readonly usage: CallUsage
  /** USD; null where nothing of it is metered, or over. */
  readonly costUsd: number | null
}

/** What a run's calls used, by step, role and model. */
export async function spentByRun(db: Db, runId: RunId): Promise<Spent[]> {
  const total = (column: Parameters<typeof sum>[0]) => sql<number | null>`sum(${column})`.mapWith(Number)
  const found = await db
    .select({
      step: modelCalls.step,
      role: modelCalls.role,
      model: modelCalls.model,
      calls: sql<number>`count(*)`.mapWith(Number),
      open: sql<number>`count(*) filter (where ${modelCalls.state} = 'open')`.mapWith(Number),
      unmetered: sql<number>`count(*) filter (where ${modelCalls.reservedUsd} is null)`.mapWith(Number),
      estimated: sql<number>`count(*) filter (where ${modelCalls.estimated})`.mapWith(Number),
      costUsd: total(modelCalls.costUsd),
      inputTokens: total(modelCalls.inputTokens),
      outputTokens: total(modelCalls.outputTokens),
      cacheReadTokens: total(modelCalls.cacheReadTokens),
      cacheWriteTokens: total(modelCalls.cacheWriteTokens),
    })
    .from(modelCalls)
    .where(eq(modelCalls.runId, runId))
    .groupBy(modelCalls.step, modelCalls.role, modelCalls.model)
    .orderBy(asc(modelCalls.step), asc(modelCalls.role), asc(modelCalls.model))
  return found.map(({ step, role, model, calls, open, unmetered, estimated, costUsd, ...tokens }) => ({
    step,
    role,
    model,
    calls,
    open,
    unmetered,
    estimated,
    costUsd,
    usage: Object.fromEntries(Object.entries(tokens).filter(([, value]) => value !== null)),
  }))
}
