/** Calls of models: asked for before they are made, and told of afterwards. */
import type { Context } from 'hono'
import { type ModelCallAnswer, ModelCallEnd, ModelCallRequest } from '../../contract/model-call.ts'
import { payerOf, payerOfCall } from '../../gateway/payer.ts'
import { type InternalApiOptions, idOf } from './job-of.ts'
import { body, refuse } from './request.ts'

/** The model gateway asks before each call that costs money; only for the start that has the job, and while it is wanted. */
export async function modelCall(options: InternalApiOptions, context: Context): Promise<Response> {
  const asked = await body(context, ModelCallRequest)
  if (asked instanceof Response) return asked
  const id = idOf(context)
  const payer = id === null ? null : await payerOf(options.store.db, id)
  if (payer === null || !payer.atWork(asked.start)) {
    const message = 'the job is over, cancelled, or was started anew'
    return context.json({ ok: false, why: 'stale', message } satisfies ModelCallAnswer)
  }
  const { run, job } = payer
  const { answer, reached } = await options.spending.ask(run, job, asked)
  if (reached !== null) {
    // Before the agent hears of it: whatever it makes of the refusal, the run is held already.
    const event = { type: 'budget.reached', job: job.id, stand: reached } as const
    await options.engine.apply(run.id, `budget:${job.id}`, event)
  }
  return context.json(answer)
}

/** Of any start, and of a job that is over: what was used was used. */
export async function modelCallEnd(options: InternalApiOptions, context: Context): Promise<Response> {
  const told = await body(context, ModelCallEnd)
  if (told instanceof Response) return told
  const id = idOf(context)
  const found = id === null ? null : await payerOfCall(options.store.db, id, told.call)
  if (found === null) return refuse(context, 404, 'unknown', 'there is no such job')
  const { payer, call } = found
  const near = call === null ? null : await options.spending.end(payer.run, payer.job, call, told)
  if (near !== null) await options.engine.apply(payer.run.id, `near:${told.call}`, { type: 'budget.near', stand: near })
  return context.body(null, 204)
}
