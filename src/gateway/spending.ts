/** Whether a call of a model may be made, and what it cost: prices and ledger behind two questions of the runners. */
import type { JobId } from '../contract/ids.ts'
import type { ModelCallAnswer, ModelCallEnd, ModelCallRequest } from '../contract/model-call.ts'
import type { Db } from '../store/db.ts'
import { type Caller, endCall, mostOf, openCall } from './ledger.ts'
import { type PriceTable, priceOf } from './prices.ts'

export interface SpendingOptions {
  readonly db: Db
  /** Lines of the deployment, before those of the table. */
  readonly prices: PriceTable
  /** Whether a model without a price may be called; it is then not metered. */
  readonly unpriced: 'allow' | 'refuse'
  readonly now: () => number
}

export interface Spending {
  ask(caller: Caller, request: ModelCallRequest): Promise<ModelCallAnswer>
  end(job: JobId, end: ModelCallEnd): Promise<void>
}

/** Answers the gateways of all runners. */
export function createSpending({ db, prices, unpriced, now }: SpendingOptions): Spending {
  const priceFor = (model: string) => priceOf(model, prices)
  return {
    async ask(caller, request) {
      const price = priceFor(request.model)
      if (price === null && unpriced === 'refuse') {
        const message = `No price is known for the model "${request.model}". Add it to MODEL_PRICES, or allow such models with UNPRICED_MODELS=allow.`
        return { ok: false, why: 'model', message }
      }
      const reserved = price === null ? null : mostOf(price, request)
      const call = await db.transaction((tx) => openCall(tx, caller, request, reserved, now()))
      return { ok: true, call, price, limitUsd: null }
    },
    end: (job, end) => endCall(db, job, end, priceFor, now()),
  }
}
