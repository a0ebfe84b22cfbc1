/** What people say to a run. Every command is answered: done, or refused with the reason and what to do (invariant 8). */
import { needsBudget, raiseBudget } from './budget.ts'
import { chooseModel } from './choose-model.ts'
import { approveHeld, takeDecision } from './decision.ts'
import { stepKind } from './definitions.ts'
import type { RunEvent } from './events.ts'
import { fileFollowUp } from './follow-ups.ts'
import type { Step } from './model.ts'
import { allClosed, leaveOutClosed, pause, resume } from './pause.ts'
import { changedLegs, hasCalls, isAdopted } from './state.ts'
import { mergeUnderWay } from './steps/merge.ts'
import { workingOf } from './steps/workflow-data.ts'
import { tell } from './tell.ts'
import {
  activeContext,
  cancelJobs,
  enterNext,
  enterStep,
  follow,
  heldStep,
  leave,
  leftOut,
  note,
  type Turn,
  withdrawMerge,
} from './turn.ts'

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
    text: refusal ?? turn.said ?? null,
  })
  return true
}

/** Null when it was done, else why not and what to do. */
function perform(turn: Turn, event: CommandEvent): string | null {
  switch (event.type) {
    case 'command.stop':
      return stop(turn, event)
    case 'command.pause':
      return hold(turn, event)
    case 'command.resume':
      return goOn(turn, event)
    case 'command.revert':
      return revert(turn, event)
    case 'command.model':
      return chooseModel(turn, event)
    case 'command.budget':
      return raiseBudget(turn, event)
    case 'command.file':
      return fileFollowUp(turn, event)
    case 'command.restart':
      return held(turn) ?? restart(turn, event)
    case 'command.skip':
      return held(turn) ?? skip(turn, event)
    case 'command.retry':
      return held(turn) ?? (turn.run.status.state === 'failed' ? retry(turn, event) : retryOrStep(turn, event))
    case 'command.answer':
      return held(turn) ?? answer(turn, event)
    case 'command.tell':
      return held(turn) ?? tell(turn, event)
    case 'command.approve':
    case 'command.changes':
    case 'command.reject':
    case 'command.extra-round':
    case 'command.proceed':
    case 'command.merge':
      return held(turn) ?? toStep(turn, event)
  }
}

function activeStepOf(turn: Turn): Step | undefined {
  return turn.run.status.state === 'active' ? heldStep(turn) : undefined
}

/** A paused run does nothing but be resumed or stopped. */
function held({ run }: Turn): string | null {
  return run.status.state === 'paused' ? `The run is paused; \`${run.settings.prefix} resume\` comes first.` : null
}

/** An open decision first; other answers are the step's own. */
function answer(turn: Turn, event: Extract<CommandEvent, { type: 'command.answer' }>): string | null {
  const step = activeStepOf(turn)
  return step !== undefined && step.question !== null ? takeDecision(turn, step, event) : toStep(turn, event)
}

function verb(event: CommandEvent): string {
  return event.type.slice('command.'.length)
}

function toStep(turn: Turn, event: CommandEvent): string | null {
  const { run } = turn
  const step = activeStepOf(turn)
  if (step === undefined) return `There is nothing to ${verb(event)}: the run is ${over(turn)}`
  if (step.question?.output?.guarded !== undefined && event.type === 'command.approve')
    return approveHeld(turn, step, step.question, event)
  if (step.question !== null)
    return `*${step.id}* waits for a decision: \`${run.settings.prefix} answer\` with an option’s number, or in your words.`
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
    case 'paused':
      return `paused; \`${prefix} resume\` goes on.`
    case 'done':
    case 'stopped':
      return `${run.status.state}; a start label begins a new one.`
  }
}

/** Final and idempotent: the job is cancelled, whatever waits is forgotten, branches stay (RUN-7). */
function stop(turn: Turn, event: Extract<CommandEvent, { type: 'command.stop' }>): string | null {
  const { run, now } = turn
  if (run.status.state === 'stopped') {
    cleanUp(turn, event)
    return null
  }
  if (run.status.state === 'done') return `There is nothing to stop: the run is ${over(turn)}`
  const step = heldStep(turn)
  if (step !== undefined && run.status.state === 'active') {
    cancelJobs(turn, step, `stopped by ${event.actor.login}`)
    withdrawMerge(turn, step)
  }
  for (const each of run.steps) {
    if (each.status.state === 'active' || each.status.state === 'pending') each.status = { state: 'cancelled' }
    each.question = null
    leave(turn, each)
  }
  run.status = { state: 'stopped', by: event.actor.login, why: event.why }
  run.endedAt = now
  note(turn, 'run.stopped', event.why, { who: event.actor.login })
  cleanUp(turn, event)
  return null
}

/** Only at a person's word what a stopped run leaves open is closed, and its branches go; what is merged stays (CS-8). */
function cleanUp(turn: Turn, event: Extract<CommandEvent, { type: 'command.stop' }>): void {
  const { run } = turn
  const legs = run.legs
    .filter((leg) => leg.head !== null && leg.mergedSha === null && !isAdopted(run, leg))
    .map(({ key }) => key)
  // What calls left may be there although nothing was collected, and so no work branch.
  const calls = hasCalls(run)
  if (event.clean !== true || (legs.length === 0 && !calls)) return
  turn.effects.push({ kind: 'clean-up', id: `${run.id}-${run.version}-clean-up`, legs, ...(calls ? { calls } : {}) })
  note(turn, 'run.cleaned', 'asked for pull requests to be closed and branches deleted', { who: event.actor.login })
}

/** Holds the run at its next safe point (RUN-6). */
function hold(turn: Turn, event: Extract<CommandEvent, { type: 'command.pause' }>): string | null {
  const { run } = turn
  if (run.status.state === 'paused') {
    // Held for a closed pull request, and now by a word as well: opening it again does not end that.
    const { login } = event.actor
    if (run.status.cause === 'pull-closed') run.status = { ...run.status, by: login, cause: event.cause }
    return null
  }
  // What has no access must not begin either: it would only fail.
  const waits = run.status.state === 'queued' && event.cause === 'installation'
  if (run.status.state !== 'active' && !waits) return `There is nothing to pause: the run is ${over(turn)}`
  pause(turn, {
    by: event.actor.login,
    why: event.why === '' ? `paused by ${event.actor.login}` : event.why,
    cause: event.cause,
  })
  return null
}

/** Goes on where it was held. */
function goOn(turn: Turn, event: Extract<CommandEvent, { type: 'command.resume' }>): string | null {
  const { run } = turn
  if (event.edited !== undefined) return goOnEdited(turn, event, event.edited)
  if (run.status.state !== 'paused') return `There is nothing to resume: the run is ${over(turn)}`
  const refusal = needsBudget(run) ?? allClosed(run)
  if (refusal !== null) return refusal
  resume(turn, event.actor.login)
  return null
}

/** Goes on with a workflow's script as it is now, also where the step had failed (WF-3). */
function goOnEdited(
  turn: Turn,
  event: Extract<CommandEvent, { type: 'command.resume' }>,
  { workflows, replays }: NonNullable<typeof event.edited>,
): string | null {
  const { run } = turn
  const { state } = run.status
  if (state !== 'paused' && state !== 'failed') {
    const first = state === 'active' ? `\`${run.settings.prefix} pause\` comes first.` : `the run is ${over(turn)}`
    return `There is nothing to resume with another script: ${first}`
  }
  const step = run.steps.find(({ status }) => status.state === 'active' || status.state === 'failed')
  if (step === undefined || workingOf(step) === null) return 'No dynamic workflow is at work or has failed in this run.'
  const refusal = needsBudget(run, true) ?? allClosed(run)
  if (refusal !== null) return refusal
  run.settings = { ...run.settings, workflows }
  const who = event.actor.login
  turn.said = `It goes on with the script as it is now. ${takenOver(replays)}`
  if (state === 'failed') return retry(turn, event)
  resume(turn, who)
  // A question of the old script may be none of the new one's.
  if (step.status.state === 'active' && step.status.wait.for === 'person') enterStep(turn, step, 'resume')
  return null
}

function takenOver(calls: number): string {
  if (calls === 0) return 'None of its calls is as it was: all are made anew.'
  const which =
    calls === 1 ? '1 call is taken over as it was done, and costs' : `${calls} calls are taken over as they were done, and cost`
  return `${which} nothing again; what comes after is made anew.`
}

/** Marks a step as skipped, with who and why; what it was doing is cancelled (RUN-5). */
function skip(turn: Turn, event: Extract<CommandEvent, { type: 'command.skip' }>): string | null {
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

/** Opens pull requests that take the merged ones back; the run itself stays as it is (CS-6). */
function revert(turn: Turn, event: CommandEvent): string | null {
  const { run } = turn
  const current = heldStep(turn)
  const merging = current === undefined ? null : mergeUnderWay(current)
  if (merging !== null) return merging
  const merged = run.legs.filter(({ mergedSha }) => mergedSha !== null)
  if (merged.length === 0) return 'There is nothing to revert: no pull request of this run is merged.'
  const legs = merged.filter((leg) => leg.revert === null).map(({ key }) => key)
  if (legs.length === 0) return null
  turn.effects.push({ kind: 'open-reverts', id: `${run.id}-${run.version}-reverts`, legs })
  note(turn, 'command.revert', 'asked for the pull requests that take it back', { who: event.actor.login })
  return null
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

function retryOrStep(turn: Turn, event: CommandEvent): string | null {
  const now = retryNow(turn, event)
  return now === undefined ? toStep(turn, event) : now
}

function noSuchStep({ run }: Turn, id: string): string {
  return `There is no step "${id}"; this run has ${run.steps.map((step) => step.id).join(', ')}.`
}

/** Goes on from the first step that is not done; what is before it keeps its output, every step its configuration (RUN-4). */
function retry(turn: Turn, event: CommandEvent): string | null {
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
function restart(turn: Turn, event: Extract<CommandEvent, { type: 'command.restart' }>): string | null {
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
