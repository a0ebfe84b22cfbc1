/** Whether a call of a model may be made, and what it cost: prices, budgets and ledger behind two questions of the runners. */
import type { BudgetCeilings, BudgetStand } from '../contract/budget.ts'
import type { ModelCallAnswer, ModelCallEnd, ModelCallRequest } from '../contract/model-call.ts'
import { isListed, type ModelList } from '../contract/model-list.ts'
import { reachedWords } from '../pipeline/budget.ts'
import type { Db } from '../store/db.ts'
import { type Account, accountsOf, type PayingJob, type PayingRun } from './accounts.ts'
import { mayCall } from './allowed-model.ts'
import { nameOf, standOf } from './balances.ts'
import { type ChargedCall, endCall } from './end-call.ts'
import { mostOf, openCall } from './open-call.ts'
import type { OpenedCall } from './payer.ts'
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
  /** The models that may be asked for at all; absent: all. */
  readonly allowed?: ModelList
  readonly now: () => number
}

export interface Spending {
  /** `reached`: the budget that the call did not fit into; the run is to hear of it. */
  ask(
    run: PayingRun,
    job: PayingJob,
    request: ModelCallRequest,
  ): Promise<{ answer: ModelCallAnswer; reached: BudgetStand | null }>
  /** Charges a call, once. Gives the budget of which most is used since this call; the run is to hear of it. */
  end(
    run: PayingRun,
    job: PayingJob,
    call: OpenedCall,
    end: Pick<ModelCallEnd, 'usage' | 'outcome'>,
  ): Promise<BudgetStand | null>
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
      const refusal = refusedModel(options, request.model, run, job.runtime.model)
      if (refusal !== null) return no('model', refusal)
      const at = now()
      const price = priceFor(request.model)
      const reservedUsd = price === null ? null : mostOf(price, request)
      const accounts = price === null ? [] : accountsOf(run, job, ceilings, at)
      const opening = await openCall(db, { run, job, request, reservedUsd, accounts, at })
      if (opening.fits) return { answer: { ok: true, call: opening.call, price, limitUsd: reservedUsd }, reached: null }
      const words = `${reachedWords(opening.stand)}.`
      return opening.waits ? no('wait', words) : no('budget', words, opening.stand)
    },
    async end(run, job, call, end) {
      const charged = await endCall(db, call, end, priceFor, now())
      return charged === null ? null : nearlyUsed(accountsOf(run, job, ceilings, now()), charged)
    },
  }
}

/** Why this model may not be called; null where it may. */
function refusedModel(
  { prices, unpriced, allowed }: SpendingOptions,
  asked: string,
  { settings }: PayingRun,
  named: string | undefined,
): string | null {
  const remedy = 'Set one of them with roles.<role>.runtime.model'
  if (allowed !== undefined && !isListed(asked, allowed))
    return `Who runs Switchyard lets only ${allowed.join(', ')} be asked for (ALLOWED_MODELS), and "${asked}" is none of these. ${remedy}.`
  if (settings.models !== undefined && !isListed(asked, settings.models))
    return `This repository lets only ${settings.models.join(', ') || 'no model'} be asked for (models in .github/switchyard.yml), and "${asked}" is none of these. ${remedy}, or add it.`
  if (!mayCall(asked, named, prices))
    return `This job works with the model "${named}". It may call others that cost no more, and "${asked}" is none of these.`
  if (priceOf(asked, prices) !== null || unpriced === 'allow' || (unpriced === 'named' && named !== undefined)) return null
  return `No price is known for the model "${asked}". Add it to MODEL_PRICES, name it as the role's model, or allow such models with UNPRICED_MODELS=allow; they are not metered then.`
}

/** The narrowest budget that this call took over the line. */
function nearlyUsed(accounts: readonly Account[], { costUsd, spentUsd }: ChargedCall): BudgetStand | null {
  for (const account of accounts) {
    const { limitUsd } = account
    const now = spentUsd.get(nameOf(account))
    if (limitUsd === null || now === undefined) continue
    const line = limitUsd * NEAR_SHARE
    if (now >= line && now - costUsd < line) return standOf(account, limitUsd, now)
  }
  return null
}
