/**
 * A dynamic workflow (STP-16, WF): a script of the repository says which agents work, and goes on with what they gave.
 *
 * The script is advanced by an effect, which keeps the journal; this step holds what is in flight: at most sixteen calls, each
 * a job. A call that ends is kept in `settled` until an advance that carries it is answered, so nothing of it is lost by a
 * pause or a crash. Calls whose job was lost are asked for again; what an agent could not do is a result of its own (`null`
 * for the script); what would end every other call too ends the step.
 */
import type { JobId } from '../../contract/ids.ts'
import type { RunEventOf } from '../events.ts'
import { defineStep, type EnterReason, type Outcome, type Refusal } from '../step-kind.ts'
import { advanced } from './workflow-advanced.ts'
import { takeAnswer } from './workflow-checkpoint.ts'
import { type CallInFlight, WorkflowConfig, type WorkflowContext, WorkflowData, type Working } from './workflow-data.ts'
import { failed, finished } from './workflow-ended-calls.ts'
import { advance, endWith, goOn } from './workflow-go-on.ts'
import { opened, openMissing } from './workflow-pulls.ts'
import { describeWorkflow } from './workflow-words.ts'

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
