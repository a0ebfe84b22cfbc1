/** A run as it is shown: what its steps used is read from the ledger, where the gateway saw it, and else as agents tell it. */
import type { Usage } from '../contract/job.ts'
import type { Run } from '../pipeline/model.ts'
import type { Db } from '../store/db.ts'
import { type Spent, spentByRun } from './ledger.ts'

/** A run for showing, with what its calls used. */
export interface ShownRun {
  readonly run: Run
  readonly spent: readonly Spent[]
}

/** Reads the ledger of a run, and puts it in the place of what agents told. */
export async function readWithLedger(db: Db, run: Run): Promise<ShownRun> {
  const spent = await spentByRun(db, run.id)
  return { run: withLedger(run, spent), spent }
}

/** What an agent says of itself stays only for steps that the gateway saw nothing of, and of cost where it has no price. */
export function withLedger(run: Run, spent: readonly Spent[]): Run {
  if (spent.length === 0) return run
  return {
    ...run,
    steps: run.steps.map((step) => {
      const own = spent.filter((each) => each.step === step.id)
      return own.length === 0 ? step : { ...step, usage: { ...step.usage, ...usageOf(own) } }
    }),
  }
}

function usageOf(spent: readonly Spent[]): Usage {
  const sum = (read: (each: Spent) => number | undefined) => spent.reduce((total, each) => total + (read(each) ?? 0), 0)
  const metered = spent.filter(({ costUsd }) => costUsd !== null)
  return {
    inputTokens: sum(({ usage }) => (usage.inputTokens ?? 0) + (usage.cacheWriteTokens ?? 0)),
    outputTokens: sum(({ usage }) => usage.outputTokens),
    cacheReadTokens: sum(({ usage }) => usage.cacheReadTokens),
    ...(metered.length === 0 ? {} : { costUsd: sum(({ costUsd }) => costUsd ?? undefined) }),
  }
}
