/** A time has come. */
import type { RunEventOf } from './events.ts'
import type { Step, Wait } from './model.ts'
import { active, offer } from './offer.ts'
import { activeContext, enterStep, note, type Turn } from './turn.ts'

/** A wait for a person never ends by itself: it escalates, once. Every other timer is the step's own. */
export function timerFired(turn: Turn, event: RunEventOf<'timer.fired'>): boolean {
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
  if (wait.for === 'retry') return event.timer === activeContext(turn, step).timerId('retry') && tryAgain(turn, step, wait)
  return offer(turn, event)
}

/** The pause after a failed attempt is over (FAIL-2). A doubled firing before its time only sets the timer again. */
function tryAgain(turn: Turn, step: Step, wait: Extract<Wait, { for: 'retry' }>): boolean {
  if (turn.now < wait.until) {
    turn.timers.push({ id: `${step.id}-${step.epoch}-retry`, at: wait.until })
    turn.show = false
    return true
  }
  enterStep(turn, step, 'retry', wait.session)
  return true
}
