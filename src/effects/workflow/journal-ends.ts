import type { EffectOf } from '../../pipeline/effects.ts'
import type { Run } from '../../pipeline/model.ts'
import type { CallSettled } from '../../pipeline/workflow.ts'
import type { Db } from '../../store/db.ts'
import { getJob } from '../../store/jobs.ts'
import { type CallEnd, getCall, type JournalKey, readJournal, settleCall } from '../../store/workflow-calls.ts'
import { budgetOf } from './budget.ts'
import { endOfJob, ownBranches } from './call-end.ts'
import { toCollect } from './job-call.ts'

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
  const ends = [...effect.settled, ...(effect.again ? await unheard(db, key, effect.settled) : [])]
  for (const settled of ends) {
    const end = await endOf(db, key, settled)
    if (end === null || (effect.again && end.state === 'failed')) continue
    await settleCall(db, key, settled.index, { ...end, budget: budgetOf(run) }, at)
  }
}

/** Calls that nobody told the script of, and whose job has ended. */
async function unheard(db: Db, key: JournalKey, told: readonly CallSettled[]): Promise<CallSettled[]> {
  const known = new Set(told.map(({ index }) => index))
  const journal = await readJournal(db, key)
  return journal.flatMap(({ index, job, state }) =>
    state === 'asked' && job !== null && !known.has(index) ? [{ index, job, answer: null, by: null, why: null }] : [],
  )
}

/** Null where there is no end of the call to be found: its job still works, was stopped, or was only a part of it. */
async function endOf(db: Db, key: JournalKey, settled: CallSettled): Promise<Omit<CallEnd, 'budget'> | null> {
  const nothing = { result: null, branches: [], costUsd: null }
  if (settled.answer !== null) return { ...nothing, state: 'done', result: settled.answer, why: null }
  const call = await getCall(db, key, settled.index)
  const job = settled.job === null ? null : await getJob(db, settled.job)
  if (call !== null && job?.result?.status === 'finished') {
    const wanted = call.kind === 'collect' ? await toCollect(db, key, call) : []
    const end = endOfJob(call, job.spec, job.result, wanted)
    if (end !== null) return end
  }
  if (settled.why === null) return null
  const result = job?.result ?? null
  const branches = call === null || job === null || result === null ? [] : ownBranches(call, job.spec, result)
  return { ...nothing, state: 'failed', why: settled.why, branches, costUsd: result?.usage.costUsd ?? null }
}
