/** The ledger, read: what the calls of a run used together. */
import { asc, eq, sql, type sum } from 'drizzle-orm'
import type { RunId } from '../contract/ids.ts'
import type { CallUsage } from '../contract/model-call.ts'
import type { Db } from '../store/db.ts'
import { modelCalls } from '../store/tables/model-calls.ts'

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
