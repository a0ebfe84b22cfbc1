/**
 * A dynamic workflow (STP-16, WF): a script of the repository says which agents work, and goes on with what they gave.
 *
 * The script is advanced by an effect, which keeps the journal; this step holds what is in flight: at most sixteen calls, each
 * a job. A call that ends is kept in `settled` until an advance that carries it is answered, so nothing of it is lost by a
 * pause or a crash. Calls whose job was lost are asked for again; what an agent could not do is a result of its own (`null`
 * for the script); what would end every other call too ends the step.
 */
import type { Failure } from '../../contract/failure.ts'
import type { JobId } from '../../contract/ids.ts'
import type { JobResult } from '../../contract/job.ts'
import type { Effect } from '../effects.ts'
import type { RunEventOf } from '../events.ts'
import { awaitPerson } from '../gate.ts'
import { openingFailure, openMissingPulls } from '../open-pulls.ts'
import { currentHeads } from '../state.ts'
import { defineStep, type EnterReason, type Outcome, type Refusal } from '../step-kind.ts'
import { CALLS_AT_ONCE, type CallSettled, type CallToStart, type Collision } from '../workflow.ts'
import { callEnd, collisionOf } from './workflow-call.ts'
import { takeAnswer } from './workflow-checkpoint.ts'
import {
  CALL_ATTEMPTS,
  type CallInFlight,
  WorkflowConfig,
  type WorkflowContext,
  WorkflowData,
  type Working,
} from './workflow-data.ts'
import { describeWorkflow, replayedWords } from './workflow-words.ts'

export const workflowStep = defineStep<WorkflowConfig, WorkflowData>({
  kind: 'workflow',
  summary:
    'A script of the repository says which agents work: many of the same kind, one after the other, or as their results ask for.',
  config: WorkflowConfig,
  data: WorkflowData,
  initial: () => ({ phase: 'idle' }),
  enter: (context, why) => begin(context, why),
  on: (event, context) => {
    const { data } = context
    if (data.phase === 'opening') return event.type === 'pulls.opened' ? opened(context, event) : null
    if (data.phase === 'idle') return null
    switch (event.type) {
      case 'job.finished':
        return withCall(data, event.job, (call) => finished(context, data, call, event.result))
      case 'job.lost': {
        const message = `The job ${event.job} was lost: ${event.why}`.slice(0, 2_000)
        return withCall(data, event.job, (call) => failed(context, data, call, { cause: 'evicted', message }))
      }
      case 'effect.failed':
        return effectFailed(context, data, event)
      case 'workflow.advanced':
        return event.effect === data.advancing?.effect ? advanced(context, data, event) : null
      case 'command.answer':
        return answered(context, data, event)
      default:
        return null
    }
  },
  describe: (_run, _step, data) => describeWorkflow(data),
})

/** A retry and a resume go on with the journal; anything else begins a new one. */
function begin(context: WorkflowContext, why: EnterReason): Outcome<WorkflowData> {
  const { data, step } = context
  const again = why === 'retry' || why === 'resume'
  if (again && data.phase === 'opening') return openMissing(context, data.output)
  const known = again && data.phase === 'working' ? data : null
  const fresh: Working = {
    phase: 'working',
    journal: known?.journal ?? step.epoch,
    session: step.epoch,
    calls: [],
    checkpoints: [],
    settled: known?.settled ?? [],
    advancing: null,
    phases: known?.phases ?? [],
    open: 0,
    logged: known?.logged ?? 0,
    replayed: 0,
    halt: null,
  }
  return advance(context, fresh, [], known !== null)
}

function withCall(data: Working, job: JobId, act: (call: CallInFlight) => Outcome<WorkflowData>): Outcome<WorkflowData> | null {
  const call = data.calls.find((candidate) => candidate.job === job)
  return call === undefined ? null : act(call)
}

function finished(context: WorkflowContext, data: Working, call: CallInFlight, result: JobResult): Outcome<WorkflowData> {
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
function failed(context: WorkflowContext, data: Working, call: CallInFlight, failure: Failure): Outcome<WorkflowData> {
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

function effectFailed(
  context: WorkflowContext,
  data: Working,
  event: RunEventOf<'effect.failed'>,
): Outcome<WorkflowData> | null {
  if (event.effect === data.advancing?.effect) return endWith({ ...data, advancing: null }, event.failure)
  const call = data.calls.find(({ job }) => `${job}-enqueue` === event.effect)
  return call === undefined ? null : failed(context, data, call, event.failure)
}

function answered(
  context: WorkflowContext,
  data: Working,
  event: RunEventOf<'command.answer'>,
): Outcome<WorkflowData> | Refusal | null {
  if (data.checkpoints.length === 0) return null
  const taken = takeAnswer(data.checkpoints, event)
  if ('refused' in taken) return taken
  const checkpoints = data.checkpoints.filter(({ index }) => index !== taken.index)
  return goOn(context, { ...data, checkpoints, settled: [...data.settled, taken] })
}

/** The script went on: what it asks for begins, as far as there are places. */
function advanced(context: WorkflowContext, data: Working, event: RunEventOf<'workflow.advanced'>): Outcome<WorkflowData> {
  const told = new Set(data.advancing?.settled)
  const settled = data.settled.filter(({ index }) => !told.has(index))
  const answeredSince = new Set(settled.map(({ index }) => index))
  const now: Working = {
    ...data,
    advancing: null,
    settled,
    checkpoints: event.checkpoints.filter(({ index }) => !answeredSince.has(index)),
    phases: event.phases,
    logged: event.logged,
    replayed: event.replayed ?? data.replayed,
  }
  const replayed = event.replayed === null ? [] : [replayedWords(event.replayed)]
  const notes = [...replayed, ...event.log]
  switch (event.script.state) {
    case 'failed':
      return { ...endWith(now, event.script.failure), notes }
    case 'done': {
      const output = {
        kind: 'workflow',
        workflow: context.config.workflow,
        title: event.script.title,
        text: event.script.text,
        phases: event.phases,
        heads: currentHeads(context.run),
      } as const
      const next = openMissing(context, output)
      return { ...next, effects: [...cancelAll(now, 'the script has ended'), ...(next.effects ?? [])], notes }
    }
    case 'waiting': {
      const sent = now.halt === null ? startable(now, event.start).map((call) => send(context, begun(context, call))) : []
      const calls = [...now.calls, ...sent.map(({ call }) => call)]
      const open = Math.max(0, event.script.open - sent.length)
      return {
        ...goOn(
          context,
          { ...now, calls, open },
          sent.flatMap(({ effects }) => effects),
        ),
        notes,
      }
    }
  }
}

/** As many as there are places for; of those that write to the work branches one at a time. */
function startable({ calls, settled }: Working, asked: readonly CallToStart[]): CallToStart[] {
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

function begun({ now }: WorkflowContext, call: CallToStart): Begun {
  return { ...call, since: now, attempts: 1, resolves: null, resolved: null }
}

/** A job for the call, under an id that no earlier one had. */
function send(context: WorkflowContext, call: Begun): { call: CallInFlight; effects: Effect[] } {
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

function replaced(data: Working, call: CallInFlight): Working {
  return { ...data, calls: data.calls.map((other) => (other.index === call.index ? call : other)) }
}

function without(data: Working, { index }: CallInFlight): Working {
  return { ...data, calls: data.calls.filter((other) => other.index !== index) }
}

/** Tells the script what has ended since, or waits for what is to come. */
function goOn(context: WorkflowContext, data: Working, effects: Effect[] = []): Outcome<WorkflowData> {
  if (data.halt !== null && data.calls.length === 0) return { data, effects, next: { go: 'fail', failure: data.halt } }
  if (data.halt === null && data.advancing === null && data.settled.length > 0) return advance(context, data, effects, false)
  const jobs = data.calls.map(({ job }) => job)
  const effect = data.advancing?.effect ?? null
  if (jobs.length > 0 || effect !== null) return { data, effects, next: { go: 'wait', wait: { for: 'calls', jobs, effect } } }
  if (data.checkpoints.length > 0) return { data, effects, ...awaitPerson(context, 'checkpoint') }
  const message = 'The script waits for something that is no call of a workflow, so nothing can end its wait.'
  return endWith(data, { cause: 'config', message }, effects)
}

function advance(context: WorkflowContext, data: Working, effects: Effect[], again: boolean): Outcome<WorkflowData> {
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
function endWith(data: Working, failure: Failure, effects: Effect[] = []): Outcome<WorkflowData> {
  const cancelled = cancelAll(data, 'the workflow has failed')
  return { data: { ...data, calls: [] }, effects: [...effects, ...cancelled], next: { go: 'fail', failure } }
}

function cancelAll({ calls }: Working, why: string): Effect[] {
  return calls.map(({ job }) => ({ kind: 'cancel-job', id: `${job}-cancel`, job, why, keep: true }))
}

/** Pull requests for the legs that the calls changed (CS-1, CS-3). */
function openMissing(
  context: WorkflowContext,
  output: Extract<WorkflowData, { phase: 'opening' }>['output'],
): Outcome<WorkflowData> {
  const opening = openMissingPulls(context)
  if (opening === null) return { data: { phase: 'idle' }, next: { go: 'advance', output } }
  return { data: { phase: 'opening', output }, ...opening }
}

function opened(context: WorkflowContext, event: RunEventOf<'pulls.opened'>): Outcome<WorkflowData> {
  const { data, run } = context
  if (data.phase !== 'opening') throw new Error('no pull requests are being opened')
  const failure = openingFailure(run, event)
  if (failure === null) return { data: { phase: 'idle' }, next: { go: 'advance', output: data.output } }
  return { data, next: { go: 'fail', failure } }
}
