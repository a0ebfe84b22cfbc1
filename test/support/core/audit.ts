/**
 * The invariants of the core, as far as they can be seen from its decisions. One auditor follows one run and is shown
 * every decision; it throws at the first one that breaks a rule, and names the invariant of the design by its number.
 */
import { isDeepStrictEqual } from 'node:util'
import { decide } from '../../../src/pipeline/decide.ts'
import { stepKind } from '../../../src/pipeline/definitions.ts'
import { Effect, type Timer } from '../../../src/pipeline/effects.ts'
import type { RunEvent } from '../../../src/pipeline/events.ts'
import { type Leg, Run, type Step } from '../../../src/pipeline/model.ts'
import { makesCode } from '../../../src/pipeline/shape.ts'
import { awaitedEffect, awaitedJobs, isLive } from '../../../src/pipeline/state.ts'
import type { Decision } from '../../../src/pipeline/turn.ts'
import { budgetFaults } from './budgets.ts'
import { countFixers, type FixerCount } from './fixers.ts'
import { createRules } from './rules/rules.ts'

/** A rule that a decision broke. */
export class BrokenInvariant extends Error {
  readonly invariant: string

  constructor(invariant: string, message: string) {
    super(`invariant ${invariant}: ${message}`)
    this.name = 'BrokenInvariant'
    this.invariant = invariant
  }
}

export interface Auditor {
  /** @throws BrokenInvariant */
  check(before: Run, event: RunEvent, decision: Decision, now: number): void
}

/** What has been seen of the run so far. */
interface Ledger {
  first: Run
  /** Every effect that was asked for, by id. */
  effects: Map<string, Effect>
  /** Timers that are set, by id; a firing takes one away. */
  timers: Map<string, number>
  appliedJobs: Set<string>
  /** Effects that were answered or failed: nothing more will come of them. */
  over: Set<string>
  fixers: FixerCount
  /** Parts that were compared with the first ones already; the core hands on what it does not change. */
  same: WeakSet<object>
}

const AFTER_STOP: readonly Effect['kind'][] = [
  'show',
  'notify',
  'answer',
  'cancel-job',
  'finish-issue',
  'clean-up',
  'open-reverts',
  'file-follow-up',
  'withdraw-merge',
]
/** While a run is held nothing is begun; taking back what is merged, or filing an issue, is a person's own wish. */
const WHILE_PAUSED: readonly Effect['kind'][] = [
  'show',
  'notify',
  'answer',
  'cancel-job',
  'open-reverts',
  'file-follow-up',
  'withdraw-merge',
]

/** The events that answer each kind of effect. */
const ANSWERS: Partial<Record<Effect['kind'], readonly RunEvent['type'][]>> = {
  'open-pulls': ['pulls.opened'],
  'ask-checks': ['checks.reported'],
  'ask-pulls': ['pulls.reported'],
  'merge-pull': ['pull.merged', 'merge.refused', 'merge.queued'],
  'rerun-checks': ['checks.rerun'],
  'ask-reviews': ['reviews.reported'],
  'answer-threads': ['threads.answered'],
  'file-ticket': ['ticket.filed'],
  'create-deployments': ['deployments.reported'],
  'ask-deployments': ['deployments.reported'],
  'ask-release': ['release.reported'],
  'file-follow-up': ['follow-up.filed'],
  'open-reverts': ['reverts.opened'],
  'clean-up': ['cleaned.up'],
}

/** `thorough` parses every run with its schema, decides everything twice, and compares the input before and after. */
export function createAuditor(first: Run, { thorough }: { thorough: boolean }): Auditor {
  const ledger: Ledger = {
    first: thorough ? structuredClone(first) : first,
    effects: new Map(),
    timers: new Map(),
    appliedJobs: new Set(),
    over: new Set(),
    fixers: new Map(),
    same: new WeakSet(),
  }
  const rules = createRules()
  return {
    check(before, event, decision, now) {
      if (thorough) purity(before, event, decision, now)
      if ('effect' in event && ends(ledger.effects.get(event.effect), event)) ledger.over.add(event.effect)
      if (event.type === 'timer.fired') ledger.timers.delete(event.timer)
      if (decision.run === before) {
        unchanged(before, event, decision)
        registered(ledger, before, now)
        return
      }
      if (decision.run.version !== before.version + 1) fail('core', 'a change is a new version')
      fencing(ledger, before, event, decision)
      for (const { id, at } of decision.timers) ledger.timers.set(id, at)
      answers(event, decision)
      approved(before, event, decision)
      if (thorough) for (const effect of decision.effects) Effect.parse(effect)
      effects(ledger, before, decision)
      structure(decision.run)
      finality(before, decision)
      legs(before, decision.run)
      registered(ledger, decision.run, now)
      edited(ledger, event, decision.run)
      configuration(ledger, decision.run)
      for (const fault of [...budgetFaults(decision.run, ledger.same), ...countFixers(ledger.fixers, event, decision)])
        fail('6', fault)
      for (const rule of rules)
        for (const { invariant, message } of rule({ before, event, decision, now })) fail(invariant, message)
    },
  }
}

/** After this event nothing more will come of the effect. */
function ends(effect: Effect | undefined, event: RunEvent): boolean {
  if (event.type === 'effect.failed') return true
  return effect !== undefined && (ANSWERS[effect.kind] ?? []).includes(event.type)
}

function fail(invariant: string, message: string): never {
  throw new BrokenInvariant(invariant, message)
}

function purity(before: Run, event: RunEvent, decision: Decision, now: number): void {
  Run.parse(decision.run)
  for (const { kind, data } of decision.run.steps) stepKind(kind).data.parse(data)
  const snapshot = structuredClone({ before, event })
  const again = decide(before, event, now)
  if (!isDeepStrictEqual(snapshot, { before, event })) fail('core', 'decide changed what it was given')
  if (!isDeepStrictEqual(again, decision)) fail('core', 'the same question got two answers')
}

function unchanged(before: Run, event: RunEvent, { effects, timers, facts }: Decision): void {
  if (effects.length + timers.length + facts.length > 0) fail('core', 'nothing changed, and yet something follows')
  if ('actor' in event) fail('8', `${event.type} got no answer`)
  if (before.status.state === 'queued' && event.type === 'run.admitted') fail('5', 'the admission was lost')
}

/** 2: results and answers count once, and only for who asked. */
function fencing(ledger: Ledger, before: Run, event: RunEvent, decision: Decision): void {
  const active = before.status.state === 'active' ? before.steps.find((step) => step.status.state === 'active') : undefined
  const wait = active?.status.state === 'active' ? active.status.wait : null
  if (event.type === 'job.finished' || event.type === 'job.lost') {
    if (!awaitedJobs(wait).includes(event.job))
      fail('2', `${event.type} of ${event.job}, which nobody waits for, changed the run`)
    if (ledger.appliedJobs.has(event.job)) fail('2', `${event.job} was applied twice`)
    ledger.appliedJobs.add(event.job)
  }
  const asksNobody = ['effect.failed', 'reverts.opened', 'cleaned.up', 'follow-up.filed'].includes(event.type)
  // A held run goes on when GitHub, asked before, says that what a person closed is open again.
  const opened = before.status.state === 'paused' && decision.run.status.state === 'active'
  if ('effect' in event && !asksNobody && !opened && awaitedEffect(wait) !== event.effect) {
    if (!isDeepStrictEqual(before.steps, decision.run.steps))
      fail('2', `${event.type} of ${event.effect} moved a step that did not ask`)
    if (decision.effects.some(({ kind }) => kind !== 'show')) fail('2', 'an answer to nobody has effects')
  }
}

/** 8: each command yields exactly one answer, where it was given; nothing else does. */
function answers(event: RunEvent, { effects }: Decision): void {
  const given = effects.filter((effect) => effect.kind === 'answer')
  if (!('actor' in event)) {
    if (given.length > 0) fail('8', `${event.type} was answered`)
    return
  }
  const [answer, ...more] = given
  if (answer === undefined || more.length > 0) fail('8', `${event.type} got ${given.length} answers`)
  if (!isDeepStrictEqual(answer.trigger, event.trigger)) fail('8', `${event.type} was answered elsewhere`)
  if (answer.result === 'refused' && (answer.text ?? '') === '') fail('8', `${event.type} was refused without a reason`)
}

/** 4: an approval names what is the current one at that moment; a guarded part is let through by nothing else. */
function approved(before: Run, event: RunEvent, { run, effects }: Decision): void {
  const at = before.steps.findIndex(({ status }) => status.state === 'active')
  const guarded = before.steps[at]?.question?.output?.guarded
  const named =
    event.type === 'command.approve' && guarded !== undefined && guarded.hash !== null && guarded.hash === event.hash
  for (const hash of run.allowed ?? []) {
    const fresh = before.allowed?.includes(hash) !== true
    if (fresh && !(named && guarded.allows.includes(hash))) fail('4', `${hash} was let through by nobody`)
  }
  if (event.type !== 'command.approve' || !effects.some((effect) => effect.kind === 'answer' && effect.result === 'done'))
    return
  const current = guarded !== undefined ? guarded.hash : approvable(before.steps.slice(0, at), before.steps[at]?.config.of)
  if (current === null || current !== event.hash) fail('4', `${event.hash} was approved, which is not the current one`)
}

/** The hash of the plan or document that comes last among these steps, or of the step that is named. */
function approvable(steps: readonly Step[], of: unknown): string | null {
  const outputs = steps.filter(({ id }) => of === undefined || id === of).map(({ output }) => output)
  const last = outputs.findLast((output) => output?.kind === 'plan' || output?.kind === 'artefact')
  return last?.kind === 'plan' || last?.kind === 'artefact' ? last.hash : null
}

/** 3, 4, 7: what a decision may ask for. */
function effects(ledger: Ledger, before: Run, { run, effects }: Decision): void {
  for (const effect of effects) {
    if (ledger.effects.has(effect.id)) fail('2', `the effect ${effect.id} was asked for twice`)
    ledger.effects.set(effect.id, effect)
    if (run.status.state === 'stopped' && !AFTER_STOP.includes(effect.kind)) fail('7', `${effect.kind} after a stop`)
    if (run.status.state === 'paused' && !WHILE_PAUSED.includes(effect.kind)) fail('pause', `${effect.kind} in a paused run`)
    if (before.status.state === 'stopped' && effect.kind === 'cancel-job') fail('7', 'a stopped run has no job to cancel')
    if (effect.kind === 'open-pulls') {
      for (const key of effect.legs) {
        const leg = legOf(run, key)
        if (leg.pull !== null) fail('3', `a second pull request is asked for ${key}`)
        if (leg.head === null) fail('3', `a pull request is asked for ${key}, which has no branch`)
      }
    }
    if (effect.kind === 'merge-pull') merging(run, legOf(run, effect.leg), effect.head)
  }
}

/** 4: what is merged is what was checked, reviewed and approved. */
function merging(run: Run, leg: Leg, head: string): void {
  if (leg.head !== head) fail('4', `${leg.key} is at ${leg.head}, and ${head} would be merged`)
  if (leg.mergedSha !== null) fail('4', `${leg.key} is merged already`)
  if (leg.dropped) fail('4', `${leg.key} was left out by a person`)
  if (leg.pull?.state !== 'open') fail('4', `${leg.key} has no open pull request`)
  const on = run.steps.filter((step) => step.status.state !== 'skipped')
  if (on.some(({ kind }) => kind === 'ci') && leg.checkedSha !== head) fail('4', `${leg.key} would be merged unchecked`)
  const reviewed = on.some(({ kind }, index) => kind === 'companion' && isCoder(on[index - 1]))
  if (reviewed && leg.reviewedSha !== head) fail('4', `${leg.key} would be merged unreviewed`)
  const coder = on.findLastIndex(isCoder)
  for (const { kind, status, output, id } of on.slice(coder + 1)) {
    if (!['test', 'validate', 'review'].includes(kind) || status.state !== 'done') continue
    const heads = output !== null && 'heads' in output ? output.heads : []
    if (!heads.some((seen) => seen.leg === leg.key && seen.head === head))
      fail('4', `${leg.key} would be merged unseen by ${id}`)
  }
  for (const step of on) {
    if (step.kind !== 'approval') continue
    const current = approvable(run.steps.slice(0, run.steps.indexOf(step)), step.config.of)
    const approved = step.status.state === 'done' && step.output?.kind === 'approval' ? step.output.hash : null
    if (current === null || current !== approved) fail('4', `${current} is not what was approved`)
  }
}

function isCoder(step: Step | undefined): boolean {
  return step !== undefined && makesCode(step.config)
}

/** The run's and its steps' states fit together. */
function structure(run: Run): void {
  const states = run.steps.map(({ status }) => status.state).filter((state) => state !== 'skipped')
  const at = states.findIndex((state) => state !== 'done')
  const rest = states.slice(at + 1)
  const standing = at === -1 ? undefined : states[at]
  const fits = {
    queued: () => states.every((state) => state === 'pending'),
    active: () => standing === 'active' && rest.every((state) => state === 'pending'),
    // One that was held while it was queued has not begun.
    paused: () => (standing === 'active' || standing === 'pending') && rest.every((state) => state === 'pending'),
    failed: () => standing === 'failed' && rest.every((state) => state === 'pending'),
    done: () => states.every((state) => state === 'done'),
    stopped: () => states.every((state) => ['done', 'failed', 'cancelled'].includes(state)),
  }[run.status.state]
  if (!fits()) fail('5', `a run that is ${run.status.state} has steps ${states.join(', ')}`)
  if (isLive(run) !== (run.endedAt === null)) fail('core', `a run that is ${run.status.state} has endedAt ${run.endedAt}`)
}

/** 7: a stop is final, and so is a good end. */
function finality(before: Run, { run }: Decision): void {
  if (before.status.state === 'stopped' && run.status.state !== 'stopped') fail('7', `a stopped run became ${run.status.state}`)
  if (before.status.state === 'done' && run.status.state !== 'done') fail('7', `a run that was done became ${run.status.state}`)
}

/** 10: what GitHub confirmed for good is never taken back. */
function legs(before: Run, run: Run): void {
  for (const old of before.legs) {
    const leg = legOf(run, old.key)
    if (old.mergedSha !== null && leg.mergedSha !== old.mergedSha) fail('10', `${leg.key} was merged and is not any more`)
    if (old.pull?.state === 'merged' && leg.pull?.state !== 'merged')
      fail('10', `${leg.key} was merged and is ${leg.pull?.state}`)
    if (old.pull !== null && leg.pull === null) fail('3', `the pull request of ${leg.key} was forgotten`)
    if (leg.pull?.state === 'merged' && leg.mergedSha === null) fail('10', `${leg.key} is merged at no head`)
  }
}

/** 5: what a live run waits for is on its way, or a timer finds it. */
function registered({ effects, timers, over }: Ledger, run: Run, now: number): void {
  const step = run.steps.find(({ status }) => status.state === 'active')
  if (run.status.state !== 'active' || step?.status.state !== 'active') return
  const { wait } = step.status
  switch (wait.for) {
    case 'job':
    case 'jobs':
    case 'calls':
      if (wait.for === 'calls' && wait.effect !== null) asked(effects, over, step.id, wait.effect)
      if (wait.for === 'calls' && wait.effect === null && wait.jobs.length === 0) fail('5', `${step.id} waits for nothing`)
      for (const job of awaitedJobs(wait)) {
        const enqueued = effects.get(`${job}-enqueue`)
        if (over.has(`${job}-enqueue`)) fail('5', `${step.id} waits for ${job}, which could not be enqueued`)
        const current = wait.for !== 'job' || (enqueued?.kind === 'enqueue-job' && enqueued.epoch === step.epoch)
        if (enqueued?.kind !== 'enqueue-job' || !current) fail('5', `nobody asked for the job ${job}`)
      }
      return
    case 'effect':
      asked(effects, over, step.id, wait.effect)
      return
    case 'checks':
    case 'mergeability':
    case 'outside':
    case 'retry': {
      const at = timers.get(`${step.id}-${step.epoch}-${wait.for === 'retry' ? 'retry' : 'sweep'}`)
      // After a pause the question is asked at once, also when its time is long past.
      if (at === undefined || at > Math.max(wait.until, now)) fail('5', `no timer finds the wait for ${wait.for} of ${step.id}`)
      return
    }
    case 'person': {
      const timer: Timer['at'] | undefined = timers.get(`${step.id}-${step.epoch}-escalate`)
      if (!wait.escalated && timer === undefined) fail('5', `no timer escalates the wait of ${step.id}`)
    }
  }
}

function asked(effects: Ledger['effects'], over: Ledger['over'], step: string, effect: string): void {
  if (over.has(effect)) fail('5', `${step} waits for ${effect}, which was answered`)
  if (!effects.has(effect)) fail('5', `nobody asked for the effect ${effect}`)
}

/** At a person's word, and only then, a workflow goes on with other scripts; nothing else of the settings changes with them. */
function edited(ledger: Ledger, event: RunEvent, { settings }: Run): void {
  if (event.type !== 'command.resume' || event.edited === undefined) return
  const { workflows } = settings
  if (workflows !== event.edited.workflows) return
  ledger.first = { ...ledger.first, settings: { ...ledger.first.settings, workflows } }
}

/** 6: what the run was started with stays as it was; attempts only count up. */
function configuration({ first, same }: Ledger, run: Run): void {
  const kept = (now: object, then: object | undefined): boolean => {
    if (same.has(now)) return true
    if (!isDeepStrictEqual(now, then)) return false
    same.add(now)
    return true
  }
  if (!kept(run.settings, first.settings)) fail('6', 'the settings changed')
  if (!kept(run.task, first.task)) fail('6', 'the task changed')
  if (run.steps.length !== first.steps.length) fail('6', 'the pipeline changed')
  const { cap, infrastructure } = run.settings.retry
  for (const [index, step] of run.steps.entries()) {
    if (step.retries.own > cap || step.retries.infrastructure > infrastructure) fail('6', `${step.id} tried again too often`)
    if (!kept(step.config, first.steps[index]?.config)) fail('6', `the configuration of ${step.id} changed`)
  }
}

function legOf(run: Run, key: string): Leg {
  const leg = run.legs.find((candidate) => candidate.key === key)
  if (leg === undefined) fail('core', `there is no leg ${key}`)
  return leg
}
