/** What the end of a call's job means: another attempt, something for the script, or the end of the step. */
import type { Failure } from '../../contract/failure.ts'
import type { JobResult } from '../../contract/job.ts'
import type { Outcome } from '../step-kind.ts'
import type { CallSettled, Collision } from '../workflow.ts'
import { callEnd, collisionOf } from './workflow-call.ts'
import { CALL_ATTEMPTS, type CallInFlight, type WorkflowContext, type WorkflowData, type Working } from './workflow-data.ts'
import { endWith, goOn } from './workflow-go-on.ts'
import { send } from './workflow-start.ts'

/** A job of a call has brought its result. */
export function finished(
  context: WorkflowContext,
  data: Working,
  call: CallInFlight,
  result: JobResult,
): Outcome<WorkflowData> {
  const end = callEnd(result)
  if (end !== null) return failed(context, data, call, end)
  // A conflict was resolved, and the branches after it are still to be collected; or one was met.
  const collision = call.resolves === null ? collisionOf(call, result) : null
  if (collision !== null && collision.leg === call.resolved?.leg && collision.branch === call.resolved.branch) {
    return leave(context, data, call, collision)
  }
  if (call.resolves !== null || collision !== null) {
    const next = { ...call, resolves: collision, resolved: call.resolves, attempts: 1 }
    const sent = send(context, next)
    return goOn(context, replaced(data, sent.call), sent.effects)
  }
  return settle(context, data, call, { index: call.index, job: call.job, answer: null, by: null, why: null })
}

/** What a failed call means: another attempt, nothing for the script, an end after what is in flight, or an end at once. */
export function failed(context: WorkflowContext, data: Working, call: CallInFlight, failure: Failure): Outcome<WorkflowData> {
  switch (consequence(failure, call)) {
    case 'again': {
      const sent = send(context, { ...call, attempts: call.attempts + 1 })
      return goOn(context, replaced(data, sent.call), sent.effects)
    }
    case 'nothing': {
      // That a conflict could not be resolved is no reason to leave the other branches too.
      if (call.resolves !== null) return leave(context, data, call, call.resolves)
      const why = failure.message.slice(0, 2_000) || failure.cause
      return settle(context, data, call, { index: call.index, job: call.job, answer: null, by: null, why })
    }
    case 'later':
      return goOn(context, { ...without(data, call), halt: data.halt ?? failure })
    case 'end':
      return endWith(without(data, call), failure)
  }
}

/** The collection goes on without this branch; the script is told of it. */
function leave(context: WorkflowContext, data: Working, call: CallInFlight, branch: Collision): Outcome<WorkflowData> {
  const next = { ...call, resolves: null, resolved: null, leaves: [...(call.leaves ?? []), branch], attempts: 1 }
  const sent = send(context, next)
  const notes = [`${branch.branch} conflicts, and nobody could resolve that: it is left as it is`]
  return { ...goOn(context, replaced(data, sent.call), sent.effects), notes }
}

function consequence({ cause }: Failure, { attempts }: CallInFlight): 'again' | 'nothing' | 'later' | 'end' {
  switch (cause) {
    case 'config':
    case 'permission':
    case 'budget':
    case 'rejected':
    case 'stopped':
      return 'end'
    case 'model':
    case 'rate-limit':
      return 'later'
    case 'dispatch':
    case 'evicted':
    case 'git':
    case 'api':
    case 'internal':
      return attempts < CALL_ATTEMPTS ? 'again' : 'nothing'
    case 'agent':
    case 'conflict':
    case 'ci':
    case 'tests':
    case 'companion':
    case 'no-changes':
    case 'no-progress':
    case 'no-usable-output':
    case 'timeout-duration':
    case 'timeout-inactivity':
      return 'nothing'
  }
}

function settle(context: WorkflowContext, data: Working, call: CallInFlight, settled: CallSettled): Outcome<WorkflowData> {
  return goOn(context, { ...without(data, call), settled: [...data.settled, settled] })
}

function replaced(data: Working, call: CallInFlight): Working {
  return { ...data, calls: data.calls.map((other) => (other.index === call.index ? call : other)) }
}

function without(data: Working, { index }: CallInFlight): Working {
  return { ...data, calls: data.calls.filter((other) => other.index !== index) }
}
