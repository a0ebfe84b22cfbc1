/** Whether a call of a model may be made, and what it cost: prices, budgets and ledger behind two questions of the runners. */
import type { BudgetCeilings, BudgetStand } from '../contract/budget.ts'
import type { JobSpec } from '../contract/job.ts'
import type { ModelCallAnswer, ModelCallEnd, ModelCallRequest } from '../contract/model-call.ts'
import { reachedWords } from '../pipeline/budget.ts'
import type { Run } from '../pipeline/model.ts'
import type { Db } from '../store/db.ts'
import { type Account, accountsOf } from './accounts.ts'
import { mayCall } from './allowed-model.ts'
import { nameOf, reserve, standOf } from './balances.ts'
import { type ClosedCall, endCall, mostOf, openCall } from './ledger.ts'
import { type PriceTable, priceOf } from './prices.ts'

/** From this share of a budget on it is said that it runs out. */
export const NEAR_SHARE = 0.8

/** Whether models without a known price may be called: never, where a role names them, or always; they are not metered. */
export type UnpricedModels = 'refuse' | 'named' | 'allow'

export interface SpendingOptions {
  readonly db: Db
  /** Lines of the deployment, before those of the table. */
  readonly prices: PriceTable
  readonly unpriced: UnpricedModels
  readonly ceilings: BudgetCeilings
  readonly now: () => number
}

/** A job as its calls are counted. */
export type PayingJob = Pick<JobSpec, 'id' | 'step' | 'role' | 'runtime' | 'purse'>

export interface Spending {
  /** `reached`: the budget that the call did not fit into; the run is to hear of it. */
  ask(run: Run, job: PayingJob, request: ModelCallRequest): Promise<{ answer: ModelCallAnswer; reached: BudgetStand | null }>
  /** Charges a call, once. Gives the budget of which most is used since this call; the run is to hear of it. */
  end(run: Run, job: PayingJob, end: ModelCallEnd): Promise<BudgetStand | null>
}

/** Answers the gateways of all runners. */
export function createSpending(options: SpendingOptions): Spending {
  const { db, prices, ceilings, now } = options
  const priceFor = (model: string) => priceOf(model, prices)
  return {
    async ask(run, job, request) {
      const no = (why: 'model' | 'budget' | 'wait', message: string, reached: BudgetStand | null = null) => ({
        answer: { ok: false, why, message } as const,
        reached,
      })
      const price = priceFor(request.model)
      const refusal = refusedModel(options, request.model, job.runtime.model)
      if (refusal !== null) return no('model', refusal)
      const caller = { jobId: job.id, runId: run.id, step: job.step, role: job.role }
      const at = now()
      if (price === null) {
        const call = await openCall(db, caller, request, { reservedUsd: null, accounts: [] }, at)
        return { answer: { ok: true, call, price, limitUsd: null }, reached: null }
      }
      const reservedUsd = mostOf(price, request)
      const accounts = accountsOf(run, job, ceilings, at)
      return db.transaction(async (tx) => {
        const reserved = await reserve(tx, accounts, reservedUsd)
        if (!reserved.fits) {
          const words = `${reachedWords(reserved.stand)}.`
          return reserved.waits ? no('wait', words) : no('budget', words, reserved.stand)
        }
        const call = await openCall(tx, caller, request, { reservedUsd, accounts }, at)
        return { answer: { ok: true, call, price, limitUsd: reservedUsd }, reached: null }
      })
    },
    async end(run, job, end) {
      const closed = await endCall(db, job.id, end, priceFor, now())
      return closed === null ? null : nearlyUsed(accountsOf(run, job, ceilings, now()), closed)
    },
  }
}

/** Why this model may not be called; null where it may. */
function refusedModel({ prices, unpriced }: SpendingOptions, asked: string, named: string | undefined): string | null {
  if (!mayCall(asked, named, prices))
    return `This job works with the model "${named}". It may call others that cost no more, and "${asked}" is none of these.`
  if (priceOf(asked, prices) !== null || unpriced === 'allow' || (unpriced === 'named' && named !== undefined)) return null
  return `No price is known for the model "${asked}". Add it to MODEL_PRICES, name it as the role's model, or allow such models with UNPRICED_MODELS=allow; they are not metered then.`
}

/** The narrowest budget that this call took over the line. */
function nearlyUsed(accounts: readonly Account[], { costUsd, balances }: ClosedCall): BudgetStand | null {
  for (const account of accounts) {
    const { limitUsd } = account
    const spentUsd = balances.get(nameOf(account))?.spentUsd
    if (limitUsd === null || spentUsd === undefined || costUsd === null) continue
    const line = limitUsd * NEAR_SHARE
    if (spentUsd >= line && spentUsd - costUsd < line) return standOf(account, limitUsd, spentUsd)
  }
  return null
}
