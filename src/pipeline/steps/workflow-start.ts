/** Calls begin: which of them, and as which job. */
import type { Effect } from '../effects.ts'
import { CALLS_AT_ONCE, type CallToStart } from '../workflow.ts'
import type { CallInFlight, WorkflowContext, Working } from './workflow-data.ts'

/** As many as there are places for; of those that write to the work branches one at a time. */
export function startable({ calls, settled }: Working, asked: readonly CallToStart[]): CallToStart[] {
  const known = new Set([...calls, ...settled].map(({ index }) => index))
  let writes = calls.some(writesHere)
  const fit = asked.filter((call) => {
    if (known.has(call.index) || (writes && writesHere(call))) return false
    writes ||= writesHere(call)
    return true
  })
  return fit.slice(0, CALLS_AT_ONCE - calls.length)
}

/** Whether it changes the run's own work branches. */
export function writesHere({ mode, apart }: Pick<CallToStart, 'mode' | 'apart'>): boolean {
  return mode === 'code' && !apart
}

type Begun = Omit<CallInFlight, 'job'>

/** A call that begins now, for the first time. */
export function begun({ now }: WorkflowContext, call: CallToStart): Begun {
  return { ...call, since: now, attempts: 1, resolves: null, resolved: null }
}

/** A job for the call, under an id that no earlier one had. */
export function send(context: WorkflowContext, call: Begun): { call: CallInFlight; effects: Effect[] } {
  const { data, step } = context
  const { index, resolves, leaves } = call
  const journal = data.phase === 'working' ? data.journal : step.epoch
  const role = resolves === null ? call.role : 'resolver'
  const mergesBase = resolves !== null
  const limitUsd = context.config.budgets?.[call.phase]
  const asked = context.dispatch({
    role,
    mode: call.mode,
    session: 'fresh',
    mergesBase,
    call: { journal, index, resolves, ...(leaves === undefined ? {} : { leaves }) },
    ...(limitUsd === undefined ? {} : { purse: { name: call.phase.slice(0, 100), limitUsd } }),
  })
  return { call: { ...call, job: asked.job }, effects: asked.effects }
}
