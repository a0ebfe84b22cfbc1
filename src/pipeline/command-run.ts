/** Commands for the run as a whole: stop, pause, resume, revert. */
import { needsBudget } from './budget.ts'
import { retryFailed } from './command-steps.ts'
import { type CommandEvent, over } from './command-words.ts'
import { allClosed, pause, resume } from './pause.ts'
import { hasCalls, isAdopted } from './state.ts'
import { mergeUnderWay } from './steps/merge.ts'
import { workingOf } from './steps/workflow-data.ts'
import { cancelJobs, enterStep, heldStep, leave, note, type Turn, withdrawMerge } from './turn.ts'

/** Final and idempotent: the job is cancelled, whatever waits is forgotten, branches stay (RUN-7). */
export function stop(turn: Turn, event: Extract<CommandEvent, { type: 'command.stop' }>): string | null {
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
export function hold(turn: Turn, event: Extract<CommandEvent, { type: 'command.pause' }>): string | null {
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
export function goOn(turn: Turn, event: Extract<CommandEvent, { type: 'command.resume' }>): string | null {
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
  if (state === 'failed') return retryFailed(turn, event)
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

/** Opens pull requests that take the merged ones back; the run itself stays as it is (CS-6). */
export function revert(turn: Turn, event: CommandEvent): string | null {
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
