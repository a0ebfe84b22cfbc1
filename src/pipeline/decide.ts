/**
 * The heart: what becomes of a run when something happens. Pure: no I/O, no clock, no randomness.
 *
 * Goals. A run never wedges: after every decision it is over, or its active step waits for something that a sweep can
 * find. Nothing is done twice: an event that no step waits for changes nothing. Stopping is final.
 *
 * Races known by name: *late result* (a job of an older epoch ends: no step waits for that job id), *doubled result*
 * (the wait is gone after the first), *late answer* (no step waits for that effect), *hint while asking* (`ci` remembers
 * it and asks again), *push between two merges* (heads are compared before every call), *merge under a stop* (the call
 * was under way: what GitHub did is recorded, nothing follows from it). docs/races.md has all of them with their tests.
 */
import { command } from './command.ts'
import { stepKind } from './definitions.ts'
import type { RunEvent, RunEventOf } from './events.ts'
import type { Instant, Run, Step } from './model.ts'
import { addUsage, observe, observeJob } from './observe.ts'
import {
  activeContext,
  closeTurn,
  type Decision,
  enqueueId,
  enterStep,
  failStep,
  follow,
  note,
  openTurn,
  type Turn,
} from './turn.ts'

/** Decides what an event means to a run: its next state, the effects to carry out, the timers to set, the history to write. */
export function decide(run: Run, event: RunEvent, now: Instant): Decision {
  const turn = openTurn(run, now)
  observe(turn.run, event)
  const changed = react(turn, event) || observed(run, turn.run)
  return changed ? closeTurn(turn) : { run, effects: [], timers: [], facts: [] }
}

function observed(before: Run, after: Run): boolean {
  return before.legs !== after.legs && JSON.stringify(before.legs) !== JSON.stringify(after.legs)
}

/** The active step of the draft itself, so that it can be changed. */
function active(turn: Turn): Step | undefined {
  return turn.run.status.state === 'active' ? turn.run.steps.find((step) => step.status.state === 'active') : undefined
}

function react(turn: Turn, event: RunEvent): boolean {
  switch (event.type) {
    case 'run.admitted':
      return admitted(turn)
    case 'job.finished':
      return jobFinished(turn, event)
    case 'job.lost':
      return jobLost(turn, event)
    case 'effect.failed':
      return effectFailed(turn, event)
    case 'timer.fired':
      return timerFired(turn, event)
    case 'checks.changed': {
      const leg = turn.run.legs.find(({ key }) => key === event.leg)
      return leg?.head === event.head && offer(turn, event)
    }
    case 'pull.changed':
      return offer(turn, event)
    case 'checks.reported':
    case 'pulls.reported':
    case 'pulls.opened':
    case 'pull.merged':
    case 'merge.refused':
      return waitsFor(turn, event.effect) && offer(turn, event)
    case 'command.approve':
    case 'command.changes':
    case 'command.reject':
    case 'command.retry':
    case 'command.restart':
    case 'command.extra-round':
    case 'command.proceed':
    case 'command.merge':
    case 'command.stop':
      return command(turn, event)
  }
}

/** An answer counts once, and only for the question that is open: a late, doubled or foreign one is nobody's. */
function waitsFor(turn: Turn, effect: string): boolean {
  const step = active(turn)
  return step?.status.state === 'active' && step.status.wait.for === 'effect' && step.status.wait.effect === effect
}

/** Shows the event to the active step; false when it is not for it. */
function offer(turn: Turn, event: RunEvent): boolean {
  const step = active(turn)
  if (step === undefined) return false
  const outcome = stepKind(step.kind).on(event, activeContext(turn, step))
  if (outcome === null || 'refused' in outcome) return false
  follow(turn, step, outcome)
  return true
}

function admitted(turn: Turn): boolean {
  const { run, now } = turn
  if (run.status.state !== 'queued') return false
  run.status = { state: 'active' }
  run.admittedAt = now
  note(turn, 'run.admitted', 'a place is free')
  const first = run.steps.find((step) => step.status.state === 'pending')
  if (first === undefined) throw new Error(`run ${run.id} has no step to begin with`)
  enterStep(turn, first, 'advance')
  return true
}

/** A result counts once, and only for the attempt that asked for it (invariant 2). */
function jobFinished(turn: Turn, event: RunEventOf<'job.finished'>): boolean {
  const step = active(turn)
  if (step?.status.state !== 'active' || step.status.wait.for !== 'job' || step.status.wait.job !== event.job) return false
  observeJob(turn.run, event.result)
  step.usage = addUsage(step.usage, event.result.usage)
  note(turn, `job.${event.result.status}`, event.job, { step: step.id })
  return offer(turn, event)
}

function jobLost(turn: Turn, event: RunEventOf<'job.lost'>): boolean {
  const step = active(turn)
  if (step?.status.state !== 'active' || step.status.wait.for !== 'job' || step.status.wait.job !== event.job) return false
  failStep(turn, step, { cause: 'evicted', message: `The job ${event.job} was lost: ${event.why}`.slice(0, 2_000) })
  return true
}

/** An effect that cannot be done fails the step that waits for it; others (a label, a reaction) only go into the history. */
function effectFailed(turn: Turn, event: RunEventOf<'effect.failed'>): boolean {
  const step = active(turn)
  if (step?.status.state === 'active') {
    const { wait } = step.status
    const enqueues = wait.for === 'job' && enqueueId(wait.job) === event.effect
    if (enqueues || waitsFor(turn, event.effect)) {
      failStep(turn, step, event.failure)
      return true
    }
  }
  if (!event.effect.startsWith(`${turn.run.id}-`)) return false
  note(turn, 'effect.failed', `${event.effect}: ${event.failure.cause}: ${event.failure.message}`)
  turn.show = false
  return true
}

/** A wait for a person never ends by itself: it escalates, once. Every other timer is the step's own. */
function timerFired(turn: Turn, event: RunEventOf<'timer.fired'>): boolean {
  const step = active(turn)
  if (step?.status.state !== 'active') return false
  const { wait } = step.status
  if (wait.for === 'person' && event.timer === activeContext(turn, step).timerId('escalate')) {
    if (wait.escalated) return false
    if (turn.now < wait.escalateAt) {
      // A second firing of an earlier wait's timer: its row is this wait's now, so it is set again.
      turn.timers.push({ id: event.timer, at: wait.escalateAt })
      turn.show = false
      return true
    }
    step.status = { state: 'active', wait: { ...wait, escalated: true } }
    note(turn, 'wait.escalated', 'still waits for a person', { step: step.id })
    return true
  }
  return offer(turn, event)
}
