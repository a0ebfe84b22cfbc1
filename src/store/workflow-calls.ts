/** The journal of dynamic workflows: what their scripts asked for, and what came of it. */
import { and, asc, count, eq, gt, gte, inArray, isNotNull, min, sql } from 'drizzle-orm'
import { z } from 'zod'
import { HeadSha, JobId, LegKey, RunId, StepId } from '../contract/ids.ts'
import type { Instant } from '../pipeline/model.ts'
import type { Db, Tx } from './db.ts'
import { workflowCalls } from './tables/workflows.ts'
import { toJson } from './to-postgres.ts'

/** Which journal. */
export interface JournalKey {
  run: RunId
  step: StepId
  journal: number
}

/** A branch of a call's own, where it ended; of a collection's: one that it merged. */
export const CallBranch = z.object({ leg: LegKey, branch: z.string(), head: HeadSha })
export type CallBranch = z.infer<typeof CallBranch>

/** One call as it is kept. `result`, `options` and `budget` are parsed by who knows their schemas. */
export const StoredCall = z.object({
  runId: RunId,
  step: StepId,
  journal: z.int(),
  index: z.int(),
  identity: z.string(),
  kind: z.enum(['agent', 'checkpoint', 'collect']),
  phase: z.string().nullable(),
  label: z.string(),
  prompt: z.string(),
  options: z.unknown(),
  after: z.int(),
  state: z.enum(['asked', 'done', 'failed']),
  job: JobId.nullable(),
  position: z.int().nullable(),
  result: z.unknown(),
  why: z.string().nullable(),
  budget: z.unknown(),
  branches: z.array(CallBranch).nullable(),
  costUsd: z.number().nullable(),
  askedAt: z.int(),
  endedAt: z.int().nullable(),
})
export type StoredCall = z.infer<typeof StoredCall>

/** A call that the script has just made. */
export type NewCall = Pick<StoredCall, 'index' | 'identity' | 'kind' | 'phase' | 'label' | 'prompt' | 'options'>

/** What came of one. */
export interface CallEnd {
  state: 'done' | 'failed'
  result: unknown
  why: string | null
  budget: unknown
  branches: CallBranch[]
  costUsd: number | null
}

const of = ({ run, step, journal }: JournalKey) =>
  and(eq(workflowCalls.runId, run), eq(workflowCalls.step, step), eq(workflowCalls.journal, journal))

/** The whole journal, in the order of the calls. */
export async function readJournal(db: Db, key: JournalKey): Promise<StoredCall[]> {
  const rows = await db.select().from(workflowCalls).where(of(key)).orderBy(asc(workflowCalls.index))
  return rows.map((row) => StoredCall.parse(row))
}

/** Those of these calls that are in the journal. */
export async function getCalls(db: Db, key: JournalKey, indices: readonly number[]): Promise<StoredCall[]> {
  if (indices.length === 0) return []
  const rows = await db
    .select()
    .from(workflowCalls)
    .where(and(of(key), inArray(workflowCalls.index, [...indices])))
  return rows.map((row) => StoredCall.parse(row))
}

/** What tells a script where it was: not what its calls asked for, which may be long. */
export const JournalEntry = StoredCall.pick({
  index: true,
  identity: true,
  state: true,
  after: true,
  position: true,
  result: true,
  why: true,
  budget: true,
}).extend({ result: z.unknown(), budget: z.unknown() })
export type JournalEntry = z.infer<typeof JournalEntry>

const entry = {
  index: workflowCalls.index,
  identity: workflowCalls.identity,
  state: workflowCalls.state,
  after: workflowCalls.after,
  position: workflowCalls.position,
  result: workflowCalls.result,
  why: workflowCalls.why,
  budget: workflowCalls.budget,
}

/** The whole journal as a script is told it, in the order of the calls. */
export async function readEntries(db: Db, key: JournalKey): Promise<JournalEntry[]> {
  const rows = await db.select(entry).from(workflowCalls).where(of(key)).orderBy(asc(workflowCalls.index))
  return z.array(JournalEntry).parse(rows)
}

/** What was settled after this place. */
export async function entriesAfter(db: Db, key: JournalKey, position: number): Promise<JournalEntry[]> {
  const rows = await db
    .select(entry)
    .from(workflowCalls)
    .where(and(of(key), gt(workflowCalls.position, position)))
  return z.array(JournalEntry).parse(rows)
}

/** Calls that have a job and no end. */
export async function callsWithJob(db: Db, key: JournalKey): Promise<{ index: number; job: JobId }[]> {
  const { index, job, state } = workflowCalls
  const rows = await db
    .select({ index, job })
    .from(workflowCalls)
    .where(and(of(key), isNotNull(job), eq(state, sql`'asked'`)))
    .orderBy(asc(index))
  return z.array(z.object({ index: z.int(), job: JobId })).parse(rows)
}

/** Writes calls down, once; `after`: how many settlements the script had been told. */
export async function addCalls(
  tx: Tx,
  { run, step, journal }: JournalKey,
  calls: readonly (NewCall & { after: number })[],
  at: Instant,
): Promise<void> {
  if (calls.length === 0) return
  const rows = calls.map((call) => ({ runId: run, step, journal, ...call, options: call.options ?? {}, askedAt: at }))
  await tx.insert(workflowCalls).values(rows).onConflictDoNothing()
}

/**
 * A job works for the call now. One that was asked for before another does not take its place, however late it comes: ids of
 * jobs end with a number that counts up.
 */
export async function callHasJob(tx: Tx, key: JournalKey, index: number, job: JobId): Promise<void> {
  const before = sql`${workflowCalls.job} is null or (length(${workflowCalls.job}), ${workflowCalls.job} collate "C") <= (length(${job}::text), ${job}::text collate "C")`
  await tx
    .update(workflowCalls)
    .set({ job })
    .where(and(of(key), eq(workflowCalls.index, index), eq(workflowCalls.state, sql`'asked'`), sql`(${before})`))
}

/** Writes down how calls ended, once and in this order: what is settled stays so. */
export async function settleCalls(
  db: Db,
  { run, step, journal }: JournalKey,
  ends: readonly (CallEnd & { index: number })[],
  at: Instant,
): Promise<void> {
  if (ends.length === 0) return
  await db.execute(sql`
    with last as (
      select coalesce(max(position), 0) as at from workflow_calls
      where run_id = ${run} and step = ${step} and journal = ${journal}::int
    ), ended as (
      select * from jsonb_to_recordset(${toJson(ends.map((end, place) => ({ ...end, place: place + 1 })))}::jsonb) as given(
        place int, index int, state text, result jsonb, why text, budget jsonb, branches jsonb, "costUsd" double precision
      )
    )
    update workflow_calls as call
    set position = last.at + ended.place, ended_at = ${at}::bigint, state = ended.state, result = ended.result, why = ended.why,
      budget = ended.budget, branches = ended.branches, cost_usd = ended."costUsd"
    from last, ended
    where call.run_id = ${run} and call.step = ${step} and call.journal = ${journal}::int
      and call.index = ended.index and call.state = 'asked'`)
}

/**
 * Takes failures back, so that they are tried again, and with them every call that was made after the script had been told
 * of the first of them: what that did with it is not known (WF-3).
 */
export async function takeBackFailures(tx: Tx, key: JournalKey): Promise<void> {
  const failed = and(of(key), eq(workflowCalls.state, sql`'failed'`))
  const [first] = await tx
    .select({ position: min(workflowCalls.position) })
    .from(workflowCalls)
    .where(failed)
  if (first === undefined || first.position === null) return
  await tx.delete(workflowCalls).where(and(of(key), gte(workflowCalls.after, first.position)))
  await tx
    .update(workflowCalls)
    .set({ state: 'asked', position: null, result: null, why: null, budget: null, branches: null, job: null, endedAt: null })
    .where(failed)
}

/** Drops what was asked from this call on: a script that was edited asks for something else there. */
export async function dropCallsFrom(tx: Tx, key: JournalKey, index: number): Promise<void> {
  await tx.delete(workflowCalls).where(and(of(key), gte(workflowCalls.index, index)))
}

/** How many calls there are, and how many are settled. */
export async function countCalls(db: Db, key: JournalKey): Promise<{ asked: number; settled: number }> {
  const [row] = await db
    .select({ asked: count(), settled: count(workflowCalls.position) })
    .from(workflowCalls)
    .where(of(key))
  return row ?? { asked: 0, settled: 0 }
}

/** A call as a list shows it. */
export const ListedCall = StoredCall.pick({
  index: true,
  kind: true,
  phase: true,
  label: true,
  state: true,
  costUsd: true,
  askedAt: true,
  endedAt: true,
}).extend({ why: z.string().nullable() })
export type ListedCall = z.infer<typeof ListedCall>

/** The calls of a journal without what they asked and gave. */
export async function listCalls(db: Db, key: JournalKey): Promise<ListedCall[]> {
  const { index, kind, phase, label, state, costUsd, askedAt, endedAt, why } = workflowCalls
  const rows = await db
    .select({ index, kind, phase, label, state, costUsd, askedAt, endedAt, why })
    .from(workflowCalls)
    .where(of(key))
    .orderBy(asc(index))
  return rows.map((row) => ListedCall.parse(row))
}

/** A call on the page of its run. */
export const RunCall = ListedCall.extend({
  step: StepId,
  job: JobId.nullable(),
  /** What the script asked for; null: left out. */
  role: z.string().nullable(),
  mode: z.string().nullable(),
})
export type RunCall = z.infer<typeof RunCall>

/** The calls of a run's workflows, of each step its newest journal, in the order of the calls. */
export async function callsOfRun(db: Db, run: RunId): Promise<RunCall[]> {
  const { step, journal, index, kind, phase, label, state, costUsd, askedAt, endedAt, why, job, options } = workflowCalls
  const newest = sql`(${step}, ${journal}) in (select step, max(journal) from workflow_calls where run_id = ${run} group by step)`
  const role = sql`${options} ->> 'role'`
  const mode = sql`${options} ->> 'mode'`
  const rows = await db
    .select({ step, index, kind, phase, label, state, costUsd, askedAt, endedAt, why, job, role, mode })
    .from(workflowCalls)
    .where(and(eq(workflowCalls.runId, run), newest))
    .orderBy(asc(step), asc(index))
  return z.array(RunCall).parse(rows)
}

/** A branch that a call left, and that no collection has merged. */
export type KeptBranch = CallBranch & { label: string }

/**
 * What calls of a run left on branches of their own: what is kept there alone, in the order of the calls, and what a
 * collection has merged.
 */
export async function branchesOfRun(db: Db, run: RunId): Promise<{ kept: KeptBranch[]; collected: CallBranch[] }> {
  const { step, journal, index, kind, label, branches } = workflowCalls
  const rows = await db
    .select({ kind, label, branches })
    .from(workflowCalls)
    .where(and(eq(workflowCalls.runId, run), isNotNull(branches)))
    .orderBy(asc(step), asc(journal), asc(index))
  const read = rows.map((row) => ({ ...row, branches: z.array(CallBranch).parse(row.branches) }))
  const collected = read.flatMap((row) => (row.kind === 'collect' ? row.branches : []))
  const merged = new Set(collected.map(({ leg, branch }) => `${leg} ${branch}`))
  const kept = read.flatMap((row) =>
    row.kind === 'collect' ? [] : row.branches.map((each) => ({ ...each, label: row.label })),
  )
  return { kept: kept.filter(({ leg, branch }) => !merged.has(`${leg} ${branch}`)), collected }
}

/** Forgets branches that were deleted. */
export async function forgetBranches(db: Db, run: RunId, gone: readonly Pick<CallBranch, 'leg' | 'branch'>[]): Promise<void> {
  const names = new Set(gone.map(({ leg, branch }) => `${leg} ${branch}`))
  await db.transaction(async (tx) => {
    const { step, journal, index, branches } = workflowCalls
    const rows = await tx
      .select({ step, journal, index, branches })
      .from(workflowCalls)
      .where(and(eq(workflowCalls.runId, run), isNotNull(branches)))
    for (const row of rows) {
      const known = z.array(CallBranch).parse(row.branches)
      const left = known.filter(({ leg, branch }) => !names.has(`${leg} ${branch}`))
      if (left.length === known.length) continue
      const key = { run, step: StepId.parse(row.step), journal: row.journal }
      await tx
        .update(workflowCalls)
        .set({ branches: left })
        .where(and(of(key), eq(index, row.index)))
    }
  })
}
