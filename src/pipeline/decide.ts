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
import { budgetNear, budgetReached, budgetRoom } from './budget.ts'
import { command } from './command.ts'
import type { RunEvent, RunEventOf } from './events.ts'
import { followUpNotFiled, noteFollowUps } from './follow-ups.ts'
import { hasSeveral, jobFinished, jobLost } from './job-ended.ts'
import type { Instant, Run } from './model.ts'
import { noticeToSend } from './notices.ts'
import { observe } from './observe.ts'
import { active, offer, waitsFor, waitsForJob } from './offer.ts'
import { closedLegs, pause, resume } from './pause.ts'
import { awaitedJobs, hasCalls } from './state.ts'
import { timerFired } from './timer-fired.ts'
import { closeTurn, type Decision, enqueueId, enterStep, failStep, note, openTurn, SWITCHYARD, type Turn } from './turn.ts'

/** Decides what an event means to a run: its next state, the effects to carry out, the timers to set, the history to write. */
export function decide(run: Run, event: RunEvent, now: Instant): Decision {
  const turn = openTurn(run, now)
  observe(turn.run, event)
  noteMoves(turn, run, event)
  const changed = held(turn, run, event) || react(turn, run, event) || observed(run, turn.run)
  if (!changed) return { run, effects: [], timers: [], facts: [] }
  const notice = noticeToSend(run, turn.run)
  if (notice !== null) turn.effects.push({ kind: 'notify', id: `${run.id}-${turn.run.version}-notify`, notice })
  return closeTurn(turn)
}

/** A push by somebody else is kept, and said (RUN-8). What the run's own jobs push is told by their results. */
function noteMoves(turn: Turn, before: Run, event: RunEvent): void {
  if (event.type !== 'pull.changed' && event.type !== 'pulls.reported' && event.type !== 'reviews.reported') return
  for (const [index, { repository, head }] of turn.run.legs.entries()) {
    const old = before.legs[index]?.head ?? null
    if (old === null || head === null || old === head) continue
    const text = `${repository} is at ${head.slice(0, 7)} now, pushed by somebody else; the run goes on from there`
    note(turn, 'leg.moved', text, event.type === 'pull.changed' ? { who: event.by } : {})
  }
}

function observed(before: Run, after: Run): boolean {
  return before.legs !== after.legs && JSON.stringify(before.legs) !== JSON.stringify(after.legs)
}

/**
 * A pull request that a person closed holds the run until somebody says what to do (RUN-8); opened again, the run goes on.
 * True: the event is dealt with by that.
 */
function held(turn: Turn, before: Run, event: RunEvent): boolean {
  if (event.type !== 'pull.changed' && event.type !== 'pulls.reported' && event.type !== 'reviews.reported') return false
  const { status } = turn.run
  const closed = closedLegs(turn.run)
  if (status.state === 'paused' && status.cause === 'pull-closed' && closed.length === 0) {
    resume(turn, event.type === 'pull.changed' ? event.by : SWITCHYARD)
    return true
  }
  const known = new Set(closedLegs(before).map(({ key }) => key))
  const fresh = closed.filter(({ key }) => !known.has(key))
  if (status.state !== 'active' || fresh.length === 0) return false
  const names = fresh.map(({ repository, pull }) => `${repository}#${pull?.number}`).join(', ')
  pause(turn, {
    by: event.type === 'pull.changed' ? event.by : SWITCHYARD,
    why: `${names} was closed without being merged`,
    cause: 'pull-closed',
  })
  return true
}

function react(turn: Turn, run: Run, event: RunEvent): boolean {
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
    case 'reviews.changed':
    case 'deployments.changed':
      return offer(turn, event)
    case 'repository.renamed':
      return renamed(turn, run, event)
    case 'reverts.opened':
      return revertsOpened(turn, event)
    case 'budget.near':
      return budgetNear(turn, event)
    case 'budget.reached':
      return waitsForJob(turn, event.job) !== undefined && (offer(turn, event) || budgetReached(turn, event))
    case 'budget.room':
      return budgetRoom(turn)
    case 'follow-ups.noticed':
    case 'follow-up.filed':
      return noteFollowUps(turn, run, event)
    // It is in the legs already; a stopped run has nothing else to do. That branches of calls are gone stands in no leg.
    case 'cleaned.up':
      return hasCalls(turn.run)
    case 'checks.reported':
    case 'pulls.reported':
    case 'pulls.opened':
    case 'pull.merged':
    case 'merge.refused':
    case 'merge.queued':
    case 'checks.rerun':
    case 'reviews.reported':
    case 'threads.answered':
    case 'ticket.filed':
    case 'deployments.reported':
    case 'release.reported':
    case 'workflow.advanced':
      return waitsFor(turn, event.effect) && offer(turn, event)
    case 'command.approve':
    case 'command.changes':
    case 'command.tell':
    case 'command.reject':
    case 'command.retry':
    case 'command.restart':
    case 'command.extra-round':
    case 'command.proceed':
    case 'command.merge':
    case 'command.stop':
    case 'command.pause':
    case 'command.resume':
    case 'command.skip':
    case 'command.answer':
    case 'command.model':
    case 'command.file':
    case 'command.revert':
    case 'command.budget':
      return command(turn, event)
  }
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

/** What has another name now is in the task and the legs already; that it has is said, whatever the run is doing. */
function renamed(turn: Turn, before: Run, event: RunEventOf<'repository.renamed'>): boolean {
  const old = [before.task, ...before.legs].find(({ repositoryId }) => repositoryId === event.repositoryId)
  if (old === undefined) return false
  const { repository, defaultBranch } = event
  const said = [
    ...(old.repository === repository ? [] : [`${old.repository} is called ${repository} now`]),
    ...(defaultBranch === null ? [] : [`the default branch of ${repository} is ${defaultBranch.to} now`]),
  ]
  const same = JSON.stringify([before.task, before.legs]) === JSON.stringify([turn.run.task, turn.run.legs])
  if (same) return false
  note(turn, 'repository.renamed', said.join('; ') || `${repository} has another address now`)
  return true
}

/** What was opened is in the legs already. */
function revertsOpened(turn: Turn, event: RunEventOf<'reverts.opened'>): boolean {
  const said = [
    ...event.opened.map(({ leg, pull }) => `${leg}#${pull.number}`),
    ...event.failed.map(({ leg, failure }) => `not in ${leg}: ${failure.message}`),
  ]
  note(turn, 'reverts.opened', said.join(', ').slice(0, 2_000))
  return true
}

/**
 * An effect that cannot be done fails the step that waits for it; others (a label, a reaction) only go into the history.
 * Where a step has several jobs at once it decides itself what it means that one could not be enqueued.
 */
function effectFailed(turn: Turn, event: RunEventOf<'effect.failed'>): boolean {
  const step = active(turn)
  if (step?.status.state === 'active') {
    const { wait } = step.status
    const enqueues = awaitedJobs(wait).some((job) => enqueueId(job) === event.effect)
    // A job that could not be put into the queue is a failed attempt like any other.
    turn.fromJob = enqueues
    if (enqueues && hasSeveral(step) && offer(turn, event)) return true
    if (enqueues || waitsFor(turn, event.effect)) {
      // A step may go on without what was only a help.
      if (!enqueues && offer(turn, event)) return true
      failStep(turn, step, event.failure)
      return true
    }
  }
  if (followUpNotFiled(turn, event)) return true
  if (!event.effect.startsWith(`${turn.run.id}-`)) return false
  note(turn, 'effect.failed', `${event.effect}: ${event.failure.cause}: ${event.failure.message}`)
  turn.show = false
  return true
}
