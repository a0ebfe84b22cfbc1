/** A job has ended, or never will. */
import type { JobResult } from '../contract/job.ts'
import { summedDenied } from '../contract/sandbox.ts'
import { failedForBudget } from './budget.ts'
import { askDecision } from './decision.ts'
import type { RunEventOf } from './events.ts'
import { askAboutOutput } from './held-output.ts'
import type { Step } from './model.ts'
import { addUsage, observeJob } from './observe.ts'
import { offer, waitsForJob } from './offer.ts'
import { worksApart } from './steps/workflow-data.ts'
import { goOnTold } from './tell.ts'
import { failStep, note, type Turn } from './turn.ts'

/** A result counts once, and only for the attempt that asked for it (invariant 2). */
export function jobFinished(turn: Turn, event: RunEventOf<'job.finished'>): boolean {
  const step = waitsForJob(turn, event.job)
  if (step === undefined) return false
  if (!worksApart(step, event.job)) observeJob(turn.run, event.result)
  noteRefused(turn, step, event.result)
  step.usage = addUsage(step.usage, event.result.usage)
  note(turn, `job.${event.result.status}`, event.job, { step: step.id })
  turn.fromJob = true
  if (goOnTold(turn, step)) return true
  const waited = step.status.state === 'active' ? step.status.wait.for : null
  // One of a workflow's calls: the journal has what the others came to, and the run is held with all of them.
  if (waited === 'calls' && failedForBudget(turn, event.result)) return true
  const only = waited === 'job'
  const asked =
    only && (failedForBudget(turn, event.result) || askDecision(turn, step, event.result) || askAboutOutput(turn, step, event))
  return asked || offer(turn, event)
}

/** What an agent tried to reach and could not: people learn of it, whatever came of the job. */
function noteRefused(turn: Turn, step: Step, { denied = [] }: JobResult): void {
  if (denied.length === 0) return
  turn.run.refused = summedDenied([...(turn.run.refused ?? []), ...denied])
  step.refused = summedDenied([...(step.refused ?? []), ...denied])
  const said = denied.map(({ host, port, why, count }) => `${host}:${port} (${why}, ${count})`).join(', ')
  note(turn, 'sandbox.refused', said.slice(0, 2_000), { step: step.id })
}

export function hasSeveral({ status }: Step): boolean {
  return status.state === 'active' && (status.wait.for === 'jobs' || status.wait.for === 'calls')
}

/** Where a step has several jobs at once it decides itself what the loss of one means. */
export function jobLost(turn: Turn, event: RunEventOf<'job.lost'>): boolean {
  const step = waitsForJob(turn, event.job)
  if (step === undefined) return false
  if (goOnTold(turn, step)) return true
  turn.fromJob = true
  if (hasSeveral(step) && offer(turn, event)) return true
  failStep(turn, step, { cause: 'evicted', message: `The job ${event.job} was lost: ${event.why}`.slice(0, 2_000) })
  return true
}
