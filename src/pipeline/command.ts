/** What people say to a run. Every command is answered: done, or refused with the reason and what to do (invariant 8). */
import { raiseBudget } from './budget.ts'
import { chooseModel } from './choose-model.ts'
import { goOn, hold, revert, stop } from './command-run.ts'
import { restart, retry, skip } from './command-steps.ts'
import { activeStepOf, type CommandEvent, held, over } from './command-words.ts'
import { approveHeld, takeDecision } from './decision.ts'
import { stepKind } from './definitions.ts'
import { fileFollowUp } from './follow-ups.ts'
import { tell } from './tell.ts'
import { activeContext, follow, note, type Turn } from './turn.ts'

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
      return held(turn) ?? retryOrStep(turn, event)
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

function retryOrStep(turn: Turn, event: CommandEvent): string | null {
  const retried = retry(turn, event)
  return retried === undefined ? toStep(turn, event) : retried
}
