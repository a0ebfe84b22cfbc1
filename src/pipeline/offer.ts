/** Whose an event is: the active step, if it waits for just that. */
import { stepKind } from './definitions.ts'
import type { RunEvent, RunEventOf } from './events.ts'
import type { Step } from './model.ts'
import { awaitedEffect, awaitedJobs } from './state.ts'
import { activeContext, follow, type Turn } from './turn.ts'

/** The active step of the draft itself, so that it can be changed. */
export function active(turn: Turn): Step | undefined {
  return turn.run.status.state === 'active' ? turn.run.steps.find((step) => step.status.state === 'active') : undefined
}

/** An answer counts once, and only for the question that is open: a late, doubled or foreign one is nobody's. */
export function waitsFor(turn: Turn, effect: string): boolean {
  const step = active(turn)
  return step?.status.state === 'active' && awaitedEffect(step.status.wait) === effect
}

/** The active step, if it waits for this job. */
export function waitsForJob(turn: Turn, job: RunEventOf<'job.finished'>['job']): Step | undefined {
  const step = active(turn)
  return step?.status.state === 'active' && awaitedJobs(step.status.wait).includes(job) ? step : undefined
}

/** Shows the event to the active step; false when it is not for it. */
export function offer(turn: Turn, event: RunEvent): boolean {
  const step = active(turn)
  if (step === undefined) return false
  const outcome = stepKind(step.kind).on(event, activeContext(turn, step))
  if (outcome === null || 'refused' in outcome) return false
  follow(turn, step, outcome)
  return true
}
