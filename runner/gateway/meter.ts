/** Who says whether a call may be made, and is told what it used. The app keeps the books; the gateway only asks. */
import type { CallOutcome, CallUsage, ModelCallAnswer, ModelCallRequest } from '../../src/contract/model-call.ts'

/** What is asked for before a call. */
export type CallRequest = Omit<ModelCallRequest, 'start'>

/** How a call ended. */
export interface CallEnd {
  readonly usage: CallUsage
  readonly outcome: CallOutcome
}

export interface Meter {
  /** May be asked by several calls at once; what is granted is reserved until its end is told. */
  ask(call: CallRequest): Promise<ModelCallAnswer>
  end(call: string, end: CallEnd): Promise<void>
}
