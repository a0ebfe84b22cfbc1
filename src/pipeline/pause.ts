/**
 * Holding a run and letting it go on (RUN-6, RUN-8). While it is held nothing is begun: jobs are cancelled at their next
 * safe point, with what they have pushed kept, and every event but what GitHub says of pull requests passes by. Going on
 * enters the step again, or asks again for what may have been missed.
 */
import type { Run, Step } from './model.ts'
import { changedLegs } from './state.ts'
import { takenOver } from './steps/merge-data.ts'
import { cancelJobs, enterStep, heldStep, note, sweepNow, type Turn, withdrawMerge } from './turn.ts'

type Cause = Extract<Run['status'], { state: 'paused' }>['cause']

/** Holds an active run. */
export function pause(turn: Turn, { by, why, cause }: { by: string; why: string; cause: Cause }): void {
  const step = heldStep(turn)
  if (step !== undefined) {
    cancelJobs(turn, step, `paused by ${by}`, true)
    withdrawMerge(turn, step)
  }
  turn.run.status = { state: 'paused', by, why, cause, at: turn.now }
  note(turn, 'run.paused', why, { who: by, ...(step === undefined ? {} : { step: step.id }) })
}

/** Pull requests that a person closed and left closed are left out of the change set from now on (RUN-8). */
export function leaveOutClosed(turn: Turn, by: string): void {
  const { run } = turn
  for (const { key, repository } of closedLegs(run)) {
    run.legs = run.legs.map((leg) => (leg.key === key ? { ...leg, dropped: true, planned: false } : leg))
    note(turn, 'leg.dropped', `${repository} is left out`, { who: by })
  }
}

/** Goes on where it was held, without what was closed meanwhile. */
export function resume(turn: Turn, by: string): void {
  const { run } = turn
  leaveOutClosed(turn, by)
  run.status = run.admittedAt === null ? { state: 'queued' } : { state: 'active' }
  const step = heldStep(turn)
  note(turn, 'run.resumed', 'goes on', { who: by, ...(step === undefined ? {} : { step: step.id }) })
  if (step !== undefined) goOn(turn, step)
}

function goOn(turn: Turn, step: Step): void {
  if (step.status.state !== 'active') return
  const { wait } = step.status
  switch (wait.for) {
    case 'job':
    case 'jobs':
    case 'calls':
    case 'effect':
      enterStep(turn, step, 'resume')
      return
    case 'mergeability':
      // The pause took it out of GitHub's hands: that it is not in the queue any more is not the queue's verdict.
      if (takenOver(step) !== null) enterStep(turn, step, 'resume')
      else sweepNow(turn, step)
      return
    case 'checks':
    case 'outside':
      // What was said meanwhile passed by: ask.
      sweepNow(turn, step)
      return
    case 'retry':
      turn.timers.push({ id: `${step.id}-${step.epoch}-retry`, at: Math.max(turn.now, wait.until) })
      return
    case 'person':
      if (!wait.escalated)
        turn.timers.push({ id: `${step.id}-${step.epoch}-escalate`, at: Math.max(turn.now, wait.escalateAt) })
  }
}

/** Changed legs whose pull request is closed and not merged. */
export function closedLegs(run: Run): ReturnType<typeof changedLegs> {
  return changedLegs(run).filter(({ pull }) => pull?.state === 'closed')
}

/** Without any pull request there is nothing to go on with: why not, or null. */
export function allClosed(run: Run): string | null {
  const closed = closedLegs(run)
  return closed.length > 0 && closed.length === changedLegs(run).length
    ? `Every pull request of the run is closed. Open one again, or \`${run.settings.prefix} stop\` ends the run.`
    : null
}
