/** What people say to a run. Every command is answered: done, or refused with the reason and what to do (invariant 8). */
import { stepKind } from './definitions.ts'
import type { RunEvent } from './events.ts'
import type { Step } from './model.ts'
import { changedLegs } from './state.ts'
import { mergeUnderWay } from './steps/merge.ts'
import { activeContext, enterStep, follow, leave, note, type Turn } from './turn.ts'

/** The events that a person's command becomes. */
export type CommandEvent = Extract<RunEvent, { actor: unknown }>

/** Carries out a command, and answers it. Always true: an answer is a change worth keeping. */
export function command(turn: Turn, event: CommandEvent): boolean {
  const refusal = perform(turn, event)
  turn.effects.push({
    kind: 'answer',
    id: `${turn.run.id}-${turn.run.version}-answer`,
    trigger: event.trigger,
    actor: event.actor,
    result: refusal === null ? 'done' : 'refused',
    text: refusal,
  })
  return true
}

/** Null when it was done, else why not and what to do. */
function perform(turn: Turn, event: CommandEvent): string | null {
  switch (event.type) {
    case 'command.stop':
      return stop(turn, event)
    case 'command.restart':
      return restart(turn, event)
    case 'command.retry':
      return turn.run.status.state === 'failed' ? retry(turn, event) : toStep(turn, event)
    case 'command.approve':
    case 'command.changes':
    case 'command.reject':
    case 'command.extra-round':
    case 'command.proceed':
    case 'command.merge':
      return toStep(turn, event)
  }
}

function activeStepOf(turn: Turn): Step | undefined {
  return turn.run.status.state === 'active' ? turn.run.steps.find((step) => step.status.state === 'active') : undefined
}

function verb(event: CommandEvent): string {
  return event.type.slice('command.'.length)
}

function toStep(turn: Turn, event: CommandEvent): string | null {
  const { run } = turn
  const step = activeStepOf(turn)
  if (step === undefined) return `There is nothing to ${verb(event)}: the run is ${over(turn)}`
  const outcome = stepKind(step.kind).on(event, activeContext(turn, step))
  if (outcome === null)
    return `There is nothing to ${verb(event)} now: the run is at *${step.id}*. \`${run.settings.prefix} status\` says more.`
  if ('refused' in outcome) return outcome.refused
  note(turn, event.type, verb(event), { step: step.id, who: event.actor.login })
  follow(turn, step, outcome, event.actor.login)
  return null
}

/** How a run without an active step stands, and what can be done with it. */
function over({ run }: Turn): string {
  const { prefix } = run.settings
  switch (run.status.state) {
    case 'queued':
      return 'still queued; it begins by itself.'
    case 'active':
      return `at no step; \`${prefix} status\` says more.`
    case 'failed':
      return `failed; \`${prefix} retry\` goes on where it failed.`
    case 'done':
    case 'stopped':
      return `${run.status.state}; a start label begins a new one.`
  }
}

/** Final and idempotent: the job is cancelled, whatever waits is forgotten, branches stay (RUN-7). */
function stop(turn: Turn, event: Extract<CommandEvent, { type: 'command.stop' }>): string | null {
  const { run, now } = turn
  if (run.status.state === 'stopped') return null
  if (run.status.state === 'done') return `There is nothing to stop: the run is ${over(turn)}`
  const step = activeStepOf(turn)
  if (step?.status.state === 'active' && step.status.wait.for === 'job') {
    const { job } = step.status.wait
    turn.effects.push({ kind: 'cancel-job', id: `${job}-cancel`, job, why: `stopped by ${event.actor.login}` })
  }
  for (const each of run.steps) {
    if (each.status.state === 'active' || each.status.state === 'pending') each.status = { state: 'cancelled' }
    leave(turn, each)
  }
  run.status = { state: 'stopped', by: event.actor.login, why: event.why }
  run.endedAt = now
  note(turn, 'run.stopped', event.why, { who: event.actor.login })
  return null
}

/** Goes on from the first step that is not done; what is before it keeps its output, every step its configuration (RUN-4). */
function retry(turn: Turn, event: CommandEvent): string | null {
  const { run } = turn
  const step = run.steps.find(({ status }) => status.state === 'failed')
  if (step === undefined) return 'There is no failed step to retry.'
  reopen(turn)
  note(turn, 'command.retry', 'tries again', { step: step.id, who: event.actor.login })
  enterStep(turn, step, 'retry')
  return null
}

/** Begins a step, and all after it, anew. What is merged cannot be done again. */
function restart(turn: Turn, event: Extract<CommandEvent, { type: 'command.restart' }>): string | null {
  const { run } = turn
  if (run.status.state !== 'active' && run.status.state !== 'failed')
    return `There is nothing to restart: the run is ${over(turn)}`
  const index = run.steps.findIndex(({ id }) => id === event.step)
  const step = run.steps[index]
  if (step === undefined) return `There is no step "${event.step}"; this run has ${run.steps.map(({ id }) => id).join(', ')}.`
  if (step.status.state === 'skipped') return `The step "${event.step}" is skipped in this run.`
  if (changedLegs(run).some((leg) => leg.mergedSha !== null))
    return 'A part of the change set is merged already; a new run has to do the rest.'
  const current = activeStepOf(turn)
  if (current !== undefined && mergeUnderWay(current))
    return 'A merge is under way at this moment; try again when its answer is there.'
  const before = run.steps.findIndex(({ status }) => status.state === 'active' || status.state === 'failed')
  if (before !== -1 && index > before)
    return `The step "${event.step}" has not been reached yet; the run is at "${run.steps[before]?.id}".`
  if (current?.status.state === 'active' && current.status.wait.for === 'job') {
    const { job } = current.status.wait
    turn.effects.push({
      kind: 'cancel-job',
      id: `${job}-cancel`,
      job,
      why: `${event.step} was restarted by ${event.actor.login}`,
    })
  }
  if (current !== undefined) leave(turn, current)
  for (const each of run.steps.slice(index)) {
    if (each.status.state === 'skipped') continue
    each.status = { state: 'pending' }
    each.feedback = []
    each.output = null
    each.data = stepKind(each.kind).initial(each.config)
  }
  reopen(turn)
  note(turn, 'command.restart', `restarts ${event.step}`, { step: step.id, who: event.actor.login })
  enterStep(turn, step, 'restart')
  return null
}

function reopen(turn: Turn): void {
  turn.run.status = { state: 'active' }
  turn.run.endedAt = null
}
