/**
 * One decision being made: a draft of the run and what shall follow from it. Entering, finishing, rewinding and failing
 * a step are written here, once for every kind.
 */
import type { Failure } from '../contract/failure.ts'
import { jobId, type StepId } from '../contract/ids.ts'
import { stepKind } from './definitions.ts'
import type { Effect, Fact, Timer } from './effects.ts'
import type { Instant, Run, Step, Wait } from './model.ts'
import { nextAttempt } from './retry-policy.ts'
import { awaitedJobs, changedLegs, latestOutput } from './state.ts'
import type { EnterReason, Outcome, RawContext } from './step-kind.ts'
import { takenOver } from './steps/merge-data.ts'
import { unneeded } from './unneeded.ts'

/** More transitions than this within one decision can only be a fault of ours: the steps send one another in circles. */
const MAX_TRANSITIONS = 200

/** What `decide` gives back. A decision that changes nothing has the very run it was given, and empty lists. */
export interface Decision {
  run: Run
  effects: Effect[]
  timers: Timer[]
  facts: Fact[]
}

export interface Turn extends Decision {
  now: Instant
  transitions: number
  /** False where nothing that GitHub shows changed: a `show` that failed must not ask for the next one. */
  show: boolean
  /** A job's end is being decided on: its failure may lead to another attempt by itself. */
  fromJob: boolean
  /** What a command that was done is answered with, where a reaction is not enough. */
  said?: string
}

/** The name under which the machine itself stands in the history. */
export const SWITCHYARD = 'switchyard'

/**
 * Opens a decision on a copy of the run, under its next version. Only a run's own fields and its steps' are ever set
 * anew; whatever lies deeper is replaced, never written into, so this much of a copy keeps the given run as it is.
 */
export function openTurn(run: Run, now: Instant): Turn {
  const draft = { ...run, version: run.version + 1, steps: run.steps.map((step) => ({ ...step })) }
  return { run: draft, effects: [], timers: [], facts: [], now, transitions: 0, show: true, fromJob: false }
}

/** Closes a decision; whatever changed is shown on GitHub by one effect. */
export function closeTurn(turn: Turn): Decision {
  const { run, effects, timers, facts } = turn
  const shown: Effect[] = turn.show ? [{ kind: 'show', id: `${run.id}-${run.version}-show` }] : []
  return { run, effects: [...effects, ...shown], timers, facts }
}

/** Writes a line of history. */
export function note(turn: Turn, what: string, text: string, options: { step?: StepId; who?: string } = {}): void {
  const { step, who = SWITCHYARD } = options
  turn.facts.push(step === undefined ? { what, who, text } : { what, step, who, text })
}

/** The id of the effect that puts a job into the queue. */
export function enqueueId(job: string): string {
  return `${job}-enqueue`
}

/** What the step sees; `fresh` says that this epoch has had no job yet. */
function contextFor(turn: Turn, step: Step, fresh: boolean, session: 'same' | 'fresh' = 'same'): RawContext {
  let unused = fresh
  return {
    run: turn.run,
    step,
    now: turn.now,
    effectId: (name) => `${turn.run.id}-${turn.run.version}-${name}`,
    timerId: (name) => `${step.id}-${step.epoch}-${name}`,
    dispatch: ({ role, mode, evidence = null, assignment = null, mergesBase = false, session: own = session, purse, call }) => {
      if (!unused) step.epoch += 1
      unused = false
      const job = jobId(turn.run.id, step.id, step.epoch)
      const { epoch } = step
      const pushes = mode === 'code' ? step.pushes : undefined
      if (pushes !== undefined) delete step.pushes
      return {
        job,
        wait: { for: 'job', job },
        effects: [
          {
            kind: 'enqueue-job',
            id: enqueueId(job),
            job,
            step: step.id,
            epoch,
            role,
            mode,
            evidence,
            assignment,
            session: own,
            mergesBase,
            ...(pushes === undefined ? {} : { pushes }),
            ...(purse === undefined ? {} : { purse }),
            ...(call === undefined ? {} : { call }),
          },
        ],
      }
    },
  }
}

/** The context of a step that is active already. */
export function activeContext(turn: Turn, step: Step): RawContext {
  return contextFor(turn, step, false)
}

/** Enters a step under a new epoch and follows where it leads. */
export function enterStep(turn: Turn, step: Step, why: EnterReason, session: 'same' | 'fresh' = 'same'): void {
  turn.transitions += 1
  if (turn.transitions > MAX_TRANSITIONS) throw new Error(`run ${turn.run.id}: steps send one another in circles at ${step.id}`)
  const kind = stepKind(step.kind)
  if (why === 'restart' || step.epoch === 0) step.data = kind.initial(step.config)
  step.epoch += 1
  step.startedAt = turn.now
  step.endedAt = null
  step.question = null
  delete step.told
  note(turn, 'step.entered', why === 'advance' ? 'began' : `began again (${why})`, { step: step.id })
  follow(turn, step, kind.enter(contextFor(turn, step, true, session), why))
}

/** The step that is active, also in a run that is paused; the draft's own, so that it can be changed. */
export function heldStep(turn: Turn): Step | undefined {
  return turn.run.steps.find((step) => step.status.state === 'active')
}

/** Has the step wait for a person, who is reminded once if nothing comes. */
export function waitForPerson(turn: Turn, step: Step, what: Extract<Wait, { for: 'person' }>['what']): void {
  const escalateAt = turn.now + turn.run.settings.escalateMs
  step.status = { state: 'active', wait: { for: 'person', what, escalateAt, escalated: false } }
  turn.timers.push({ id: `${step.id}-${step.epoch}-escalate`, at: escalateAt })
}

/** Has the step's slow question asked at once. Every wait with an `until` but a retry has the timer `sweep`. */
export function sweepNow(turn: Turn, step: Step): void {
  turn.timers.push({ id: `${step.id}-${step.epoch}-sweep`, at: turn.now })
}

/** Cancels the jobs that the step waits for; what they have pushed stays. */
export function cancelJobs(turn: Turn, step: Step, why: string, keep = false): void {
  const wait = step.status.state === 'active' ? step.status.wait : null
  for (const job of awaitedJobs(wait)) turn.effects.push({ kind: 'cancel-job', id: `${job}-cancel`, job, why, keep })
}

/** Takes back what GitHub would merge by itself for the step: nothing is to merge while a run is held, or after its stop. */
export function withdrawMerge(turn: Turn, step: Step): void {
  const leg = takenOver(step)
  const id = `${turn.run.id}-${turn.run.version}-withdraw-merge`
  if (leg !== null) turn.effects.push({ kind: 'withdraw-merge', id, legs: [leg] })
}

/** Carries out what a step decided. */
export function follow(turn: Turn, step: Step, outcome: Outcome, who = SWITCHYARD): void {
  const { run } = turn
  step.data = outcome.data
  turn.effects.push(...(outcome.effects ?? []))
  turn.timers.push(...(outcome.timers ?? []).map(({ name, at }) => ({ id: `${step.id}-${step.epoch}-${name}`, at })))
  for (const { leg: key, ...patch } of outcome.legs ?? []) {
    run.legs = run.legs.map((leg) => (leg.key === key ? { ...leg, ...patch } : leg))
  }
  if (outcome.mergeOrder !== undefined) run.mergeOrder = outcome.mergeOrder
  for (const line of outcome.notes ?? []) note(turn, 'step.noted', line, { step: step.id, who })
  if (outcome.note !== undefined) note(turn, 'step.noted', outcome.note, { step: step.id, who })
  const { next } = outcome
  switch (next.go) {
    case 'wait':
      step.status = { state: 'active', wait: next.wait }
      return
    case 'advance':
      step.output = next.output
      step.feedback = []
      step.retries = { own: 0, infrastructure: 0 }
      leave(turn, step)
      step.status = { state: 'done' }
      note(turn, 'step.done', 'done', { step: step.id, who })
      enterNext(turn, step)
      return
    case 'rewind':
      rewind(turn, step, next.to, next.feedback, who)
      return
    case 'fail':
      failStep(turn, step, next.failure)
      return
    case 'end':
      leave(turn, step)
      step.status = { state: 'done' }
      finishRun(turn, 'nothing-to-do', next.summary)
  }
}

/** Closes a step's attempt in time. */
export function leave(turn: Turn, step: Step): void {
  delete step.pushes
  if (step.startedAt === null || step.endedAt !== null) return
  step.spentMs += turn.now - step.startedAt
  step.endedAt = turn.now
}

/** Goes on after a step that is done or skipped; what has nothing to do in this run is passed over with the reason. */
export function enterNext(turn: Turn, step: Step): void {
  const index = turn.run.steps.findIndex((candidate) => candidate.id === step.id)
  for (const next of turn.run.steps.slice(index + 1)) {
    if (next.status.state !== 'pending') continue
    const why = unneeded(turn.run, next)
    if (why === null) {
      enterStep(turn, next, next.epoch === 0 ? 'advance' : 'rewind')
      return
    }
    next.status = { state: 'skipped', by: SWITCHYARD, why }
    note(turn, 'step.skipped', why, { step: next.id })
  }
  const summary = latestOutput(turn.run, 'agent')?.summary ?? latestOutput(turn.run, 'workflow')?.text ?? ''
  const merged = changedLegs(turn.run).length > 0 && changedLegs(turn.run).every((leg) => leg.mergedSha !== null)
  finishRun(turn, merged ? 'merged' : 'ready', summary)
}

/** Skipped for good: by a person or by the configuration. What had nothing to do is looked at anew when it comes up again. */
export function leftOut({ status, config }: Step): boolean {
  return status.state === 'skipped' && (status.by !== SWITCHYARD || !config.enabled)
}

/** Sends the run back: `to` works again with the feedback, everything between is to do again. */
function rewind(
  turn: Turn,
  from: Step,
  to: StepId,
  feedback: Turn['run']['steps'][number]['feedback'][number] | null,
  who: string,
): void {
  leave(turn, from)
  const { steps } = turn.run
  const start = steps.findIndex((step) => step.id === to)
  const end = steps.findIndex((step) => step.id === from.id)
  const target = steps[start]
  if (target === undefined || start > end) throw new Error(`run ${turn.run.id}: ${from.id} cannot send back to ${to}`)
  for (const step of steps.slice(start, end + 1)) {
    if (!leftOut(step)) step.status = { state: 'pending' }
  }
  if (feedback !== null) target.feedback = [...target.feedback, feedback].slice(-50)
  note(turn, 'step.rewound', `sent back to ${to}`, { step: from.id, who })
  enterStep(turn, target, 'rewind')
}

/**
 * The step failed. A job's failure may lead to another attempt by itself; else the run has failed with it. The first
 * failure recorded stands.
 */
export function failStep(turn: Turn, step: Step, failure: Failure): void {
  const retry = turn.fromJob ? nextAttempt(failure, step, turn.run.settings.retry, turn.now) : null
  if (retry !== null) {
    step.retries = retry.retries
    step.status = { state: 'active', wait: { for: 'retry', until: retry.at, failure, session: retry.session } }
    turn.timers.push({ id: `${step.id}-${step.epoch}-retry`, at: retry.at })
    note(turn, 'step.retries', `${failure.cause}: ${failure.message}`, { step: step.id })
    return
  }
  // A failed run looks at nothing any more, and what is pushed to its branch would merge unseen.
  withdrawMerge(turn, step)
  leave(turn, step)
  step.status = { state: 'failed', failure }
  turn.run.status = { state: 'failed', step: step.id, failure }
  turn.run.endedAt = turn.now
  note(turn, 'step.failed', `${failure.cause}: ${failure.message}`, { step: step.id })
}

function finishRun(turn: Turn, outcome: 'merged' | 'ready' | 'nothing-to-do', summary: string): void {
  const { run, now } = turn
  for (const step of run.steps) {
    if (step.status.state === 'pending') step.status = { state: 'skipped', by: SWITCHYARD, why: 'there was nothing left to do' }
  }
  run.status = { state: 'done', outcome, summary }
  run.endedAt = now
  note(turn, 'run.done', outcome)
  turn.effects.push({ kind: 'finish-issue', id: `${run.id}-${run.version}-finish` })
}
