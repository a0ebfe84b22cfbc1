/** Commands that choose where the run goes on: skip, retry, restart. */
import { activeStepOf, type CommandEvent, noSuchStep, over } from './command-words.ts'
import { stepKind } from './definitions.ts'
import { allClosed, leaveOutClosed } from './pause.ts'
import { changedLegs } from './state.ts'
import { mergeUnderWay } from './steps/merge.ts'
import { cancelJobs, enterNext, enterStep, leave, leftOut, note, type Turn } from './turn.ts'

/** Marks a step as skipped, with who and why; what it was doing is cancelled (RUN-5). */
export function skip(turn: Turn, event: Extract<CommandEvent, { type: 'command.skip' }>): string | null {
  const { run } = turn
  if (run.status.state !== 'active' && run.status.state !== 'failed' && run.status.state !== 'queued')
    return `There is nothing to skip: the run is ${over(turn)}`
  const step = run.steps.find(({ id }) => id === event.step)
  if (step === undefined) return noSuchStep(turn, event.step)
  if (step.config.required) return `The step "${step.id}" is required in this pipeline and cannot be skipped.`
  if (step.status.state === 'skipped') return null
  if (step.status.state === 'done') return `The step "${step.id}" is done already.`
  const merging = mergeUnderWay(step)
  if (merging !== null) return merging
  const left = run.steps.filter(({ status, id }) => status.state !== 'skipped' && id !== step.id)
  if (left.length === 0) return `"${step.id}" is the only step; \`${run.settings.prefix} stop\` ends the run.`
  const reached = step.status.state === 'active' || step.status.state === 'failed'
  const closed = reached ? allClosed(turn.run) : null
  if (closed !== null) return closed
  if (step.status.state === 'active') cancelJobs(turn, step, `${step.id} was skipped by ${event.actor.login}`)
  leave(turn, step)
  const who = event.actor.login
  step.question = null
  step.status = { state: 'skipped', by: who, why: event.why === '' ? `skipped by ${who}` : event.why }
  note(turn, 'step.skipped', event.why, { step: step.id, who })
  if (!reached) return null
  reopen(turn, who)
  enterNext(turn, step)
  return null
}

/** Tries again what failed, or what waits for its next attempt; undefined: there is neither. */
export function retry(turn: Turn, event: CommandEvent): string | null | undefined {
  return turn.run.status.state === 'failed' ? retryFailed(turn, event) : retryNow(turn, event)
}

/** A pause between two attempts ends at a person's word. */
function retryNow(turn: Turn, event: CommandEvent): string | null | undefined {
  const step = activeStepOf(turn)
  if (step?.status.state !== 'active' || step.status.wait.for !== 'retry') return undefined
  const { session } = step.status.wait
  step.retries = { own: 0, infrastructure: 0 }
  note(turn, 'command.retry', 'tries again now', { step: step.id, who: event.actor.login })
  enterStep(turn, step, 'retry', session)
  return null
}

/** Goes on from the first step that is not done; what is before it keeps its output, every step its configuration (RUN-4). */
export function retryFailed(turn: Turn, event: CommandEvent): string | null {
  const { run } = turn
  const step = run.steps.find(({ status }) => status.state === 'failed')
  if (step === undefined) return 'There is no failed step to retry.'
  const closed = allClosed(turn.run)
  if (closed !== null) return closed
  reopen(turn, event.actor.login)
  step.retries = { own: 0, infrastructure: 0 }
  note(turn, 'command.retry', 'tries again', { step: step.id, who: event.actor.login })
  enterStep(turn, step, 'retry')
  return null
}

/** Begins a step, and all after it, anew. What is merged cannot be done again. */
export function restart(turn: Turn, event: Extract<CommandEvent, { type: 'command.restart' }>): string | null {
  const { run } = turn
  if (run.status.state !== 'active' && run.status.state !== 'failed')
    return `There is nothing to restart: the run is ${over(turn)}`
  const index = run.steps.findIndex(({ id }) => id === event.step)
  const step = run.steps[index]
  if (step === undefined) return noSuchStep(turn, event.step)
  if (leftOut(step)) return `The step "${event.step}" is skipped in this run.`
  if (changedLegs(run).some((leg) => leg.mergedSha !== null))
    return 'A part of the change set is merged already; a new run has to do the rest.'
  const current = activeStepOf(turn)
  const merging = current === undefined ? null : mergeUnderWay(current)
  if (merging !== null) return merging
  const closed = allClosed(turn.run)
  if (closed !== null) return closed
  const before = run.steps.findIndex(({ status }) => status.state === 'active' || status.state === 'failed')
  if (before !== -1 && index > before)
    return `The step "${event.step}" has not been reached yet; the run is at "${run.steps[before]?.id}".`
  if (current !== undefined) {
    cancelJobs(turn, current, `${event.step} was restarted by ${event.actor.login}`)
    leave(turn, current)
  }
  for (const each of run.steps.slice(index)) {
    if (leftOut(each)) continue
    each.status = { state: 'pending' }
    each.feedback = []
    each.output = null
    each.question = null
    each.retries = { own: 0, infrastructure: 0 }
    each.data = stepKind(each.kind).initial(each.config)
  }
  reopen(turn, event.actor.login)
  note(turn, 'command.restart', `restarts ${event.step}`, { step: step.id, who: event.actor.login })
  enterStep(turn, step, 'restart')
  return null
}

/** A run that had failed goes on, without the pull requests that people closed meanwhile. */
function reopen(turn: Turn, by: string): void {
  leaveOutClosed(turn, by)
  turn.run.status = { state: 'active' }
  turn.run.endedAt = null
}
