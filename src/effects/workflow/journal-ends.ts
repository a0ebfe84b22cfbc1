import type { EffectOf } from '../../pipeline/effects.ts'
import type { Run } from '../../pipeline/model.ts'
import type { CallSettled } from '../../pipeline/workflow.ts'
import type { Db } from '../../store/db.ts'
import { type JobWithResult, jobResults } from '../../store/jobs.ts'
import {
  type CallEnd,
  callsWithJob,
  getCalls,
  type JournalKey,
  type StoredCall,
  settleCalls,
} from '../../store/workflow-calls.ts'
import { budgetOf } from './budget.ts'
import { endOfJob, ownBranches } from './call-end.ts'
import { toCollect } from './job-call.ts'

/** Ends that are worked on together: their results may be long. */
const LOT = 50

/**
 * Writes into the journal what calls came to, in the order in which they ended. Where the script begins again, results count
 * that arrived while nobody waited for them too: they were paid for. Failures then do not: they are tried again.
 */
export async function journalEnds(
  db: Db,
  key: JournalKey,
  run: Run,
  effect: EffectOf<'advance-workflow'>,
  at: number,
): Promise<void> {
  const settled = [...effect.settled, ...(effect.again ? await unheard(db, key, effect.settled) : [])]
  const budget = budgetOf(run)
  for (let from = 0; from < settled.length; from += LOT) {
    const ends = await endsOf(db, key, settled.slice(from, from + LOT))
    const taken = ends.filter(({ state }) => !effect.again || state === 'done')
    await settleCalls(
      db,
      key,
      taken.map((end) => ({ ...end, budget })),
      at,
    )
  }
}

/** Calls that nobody told the script of, and whose job may have ended. */
async function unheard(db: Db, key: JournalKey, told: readonly CallSettled[]): Promise<CallSettled[]> {
  const known = new Set(told.map(({ index }) => index))
  const begun = await callsWithJob(db, key)
  return begun.filter(({ index }) => !known.has(index)).map((each) => ({ ...each, answer: null, by: null, why: null }))
}

type IndexedEnd = Omit<CallEnd, 'budget'> & { index: number }

async function endsOf(db: Db, key: JournalKey, settled: readonly CallSettled[]): Promise<IndexedEnd[]> {
  const [calls, jobs] = await Promise.all([
    getCalls(
      db,
      key,
      settled.map(({ index }) => index),
    ),
    jobResults(
      db,
      settled.flatMap(({ job }) => job ?? []),
    ),
  ])
  const ends: IndexedEnd[] = []
  for (const each of settled) {
    const call = calls.find(({ index }) => index === each.index) ?? null
    const job = jobs.find(({ id }) => id === each.job) ?? null
    const end = await endOf(db, key, each, call, job)
    if (end !== null) ends.push({ ...end, index: each.index })
  }
  return ends
}

/** Null where there is no end of the call to be found: its job still works, was stopped, or was only a part of it. */
async function endOf(
  db: Db,
  key: JournalKey,
  settled: CallSettled,
  call: StoredCall | null,
  job: JobWithResult | null,
): Promise<Omit<CallEnd, 'budget'> | null> {
  const nothing = { result: null, branches: [], costUsd: null }
  if (settled.answer !== null) return { ...nothing, state: 'done', result: settled.answer, why: null }
  if (call !== null && job?.result?.status === 'finished') {
    const wanted = call.kind === 'collect' ? await toCollect(db, key, call) : []
    const end = endOfJob(call, job, job.result, wanted)
    if (end !== null) return end
  }
  if (settled.why === null) return null
  const result = job?.result ?? null
  const branches = call === null || job === null || result === null ? [] : ownBranches(call, job, result)
  return { ...nothing, state: 'failed', why: settled.why, branches, costUsd: result?.usage.costUsd ?? null }
}
