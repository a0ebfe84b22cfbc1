/** The books over calls of models: a row before each call, its end afterwards. */
import { randomUUID } from 'node:crypto'
import { and, asc, eq, sql, type sum } from 'drizzle-orm'
import type { JobId, RunId } from '../contract/ids.ts'
import { type CallUsage, costOf, type ModelCallEnd, type ModelCallRequest, type ModelPrice } from '../contract/model-call.ts'
import type { Instant } from '../pipeline/model.ts'
import type { Db, Tx } from '../store/db.ts'
import { modelCalls } from '../store/tables/model-calls.ts'

/** Bytes of a request that make a token, at least: what is reserved shall rather be too much. */
const BYTES_PER_TOKEN = 3
/** What an answer is taken to have at most where the request names no limit, in tokens. */
const OUTPUT_TOKENS = 32_000

/** Whose call it is. */
export interface Caller {
  readonly jobId: JobId
  readonly runId: RunId
  readonly step: string
  readonly role: string
}

/** The most that a call can cost, in USD. */
export function mostOf(price: ModelPrice, request: Pick<ModelCallRequest, 'requestBytes' | 'maxOutputTokens'>): number {
  const inputTokens = Math.ceil(request.requestBytes / BYTES_PER_TOKEN)
  const outputTokens = request.maxOutputTokens ?? OUTPUT_TOKENS
  return costOf({ ...price, input: Math.max(price.input, price.cacheWrite) }, { inputTokens, outputTokens })
}

/** Writes a call down before it is made. Gives its id. */
export async function openCall(
  tx: Tx,
  caller: Caller,
  request: ModelCallRequest,
  reservedUsd: number | null,
  at: Instant = Date.now(),
): Promise<string> {
  const id = randomUUID()
  const { start, vendor, model } = request
  await tx.insert(modelCalls).values({ id, ...caller, start, vendor, model, reservedUsd, startedAt: at })
  return id
}

/** Writes down how a call ended, once: a repeated end changes nothing. */
export async function endCall(
  db: Db,
  job: JobId,
  { call, usage, outcome }: ModelCallEnd,
  priceFor: (model: string) => ModelPrice | null,
  at: Instant = Date.now(),
): Promise<void> {
  await db.transaction(async (tx) => {
    const open = and(eq(modelCalls.id, call), eq(modelCalls.jobId, job), eq(modelCalls.state, 'open'))
    const [found] = await tx.select({ model: modelCalls.model }).from(modelCalls).where(open).for('update')
    if (found === undefined) return
    const price = priceFor(found.model)
    const known = Object.values(usage).some((tokens) => tokens !== undefined)
    const costUsd = price === null || !known ? null : costOf(price, usage)
    await tx
      .update(modelCalls)
      .set({ state: outcome, costUsd, endedAt: at, ...usage })
      .where(eq(modelCalls.id, call))
  })
}

/** What calls of one kind used together. */
export interface Spent {
  readonly step: string
  readonly role: string
  readonly model: string
  readonly calls: number
  readonly usage: CallUsage
  /** USD; null where nothing of it is metered. */
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
  return found.map(({ step, role, model, calls, costUsd, ...tokens }) => ({
    step,
    role,
    model,
    calls,
    costUsd,
    usage: Object.fromEntries(Object.entries(tokens).filter(([, value]) => value !== null)),
  }))
}
