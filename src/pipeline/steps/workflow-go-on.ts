/** What comes next where something has happened: the script is told, or the step waits, fails or asks a person. */
import type { Failure } from '../../contract/failure.ts'
import type { Effect } from '../effects.ts'
import { awaitPerson } from '../gate.ts'
import type { Outcome } from '../step-kind.ts'
import type { WorkflowContext, WorkflowData, Working } from './workflow-data.ts'

/** Tells the script what has ended since, or waits for what is to come. */
export function goOn(context: WorkflowContext, data: Working, effects: Effect[] = []): Outcome<WorkflowData> {
  if (data.halt !== null && data.calls.length === 0) return { data, effects, next: { go: 'fail', failure: data.halt } }
  if (data.halt === null && data.advancing === null && data.settled.length > 0) return advance(context, data, effects, false)
  const jobs = data.calls.map(({ job }) => job)
  const effect = data.advancing?.effect ?? null
  if (jobs.length > 0 || effect !== null) return { data, effects, next: { go: 'wait', wait: { for: 'calls', jobs, effect } } }
  if (data.checkpoints.length > 0) return { data, effects, ...awaitPerson(context, 'checkpoint') }
  const message = 'The script waits for something that is no call of a workflow, so nothing can end its wait.'
  return endWith(data, { cause: 'config', message }, effects)
}

/** Has the script told of everything that ended since; `again`: it begins from its journal. */
export function advance(context: WorkflowContext, data: Working, effects: Effect[], again: boolean): Outcome<WorkflowData> {
  const effect = context.effectId('advance')
  const { journal, settled } = data
  const advancing = { effect, settled: settled.map(({ index }) => index) }
  const jobs = data.calls.map(({ job }) => job)
  return {
    data: { ...data, advancing },
    effects: [...effects, { kind: 'advance-workflow', id: effect, step: context.step.id, journal, settled, again }],
    next: { go: 'wait', wait: { for: 'calls', jobs, effect } },
  }
}

/** The step fails at once; what is still at work for it is stopped, with what it has done so far kept. */
export function endWith(data: Working, failure: Failure, effects: Effect[] = []): Outcome<WorkflowData> {
  const cancelled = cancelAll(data, 'the workflow has failed')
  return { data: { ...data, calls: [] }, effects: [...effects, ...cancelled], next: { go: 'fail', failure } }
}

/** Has the jobs of all calls stopped, with what they have done so far kept. */
export function cancelAll({ calls }: Working, why: string): Effect[] {
  return calls.map(({ job }) => ({ kind: 'cancel-job', id: `${job}-cancel`, job, why, keep: true }))
}
