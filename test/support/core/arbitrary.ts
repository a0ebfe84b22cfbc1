/** Random event sequences for the core: helpful ones, late ones, doubled ones, foreign ones, and what contradicts itself. */
import fc from 'fast-check'
import { type HeadSha, JobId } from '../../../src/contract/ids.ts'
import type { JobResult } from '../../../src/contract/job.ts'
import type { CheckSeen, ReviewSeen, RunEvent } from '../../../src/pipeline/events.ts'
import type { Leg, Run, StepConfig } from '../../../src/pipeline/model.ts'
import { currentWait, openLegs } from '../../../src/pipeline/state.ts'
import type { Decision } from '../../../src/pipeline/turn.ts'
import { ALICE, aStep, comment, sha, stepId } from './build.ts'
import {
  aCheck,
  aFailure,
  aPlan,
  aPull,
  cancelledJob,
  checksOf,
  failedJob,
  graded,
  mergedPull,
  noop,
  planned,
  pullSeen,
  pushed,
  reported,
  worked,
} from './results.ts'
import { answerTo, aRequest, aThread, reviewOf } from './reviews.ts'

/** Numbers that an event is made of, whatever the run is at; they shrink towards what helps the run on. */
export type Dice = readonly [what: number, which: number, how: number]

export const someDice: fc.Arbitrary<Dice> = fc.tuple(fc.nat(29), fc.nat(11), fc.nat(29))

/** Pipelines that pass the check of shape. */
export const somePipeline: fc.Arbitrary<StepConfig[]> = fc
  .record({
    plan: fc.boolean(),
    planReview: fc.boolean(),
    approval: fc.boolean(),
    review: fc.boolean(),
    ci: fc.boolean(),
    human: fc.boolean(),
    merge: fc.boolean(),
    policy: fc.boolean(),
    autoMerge: fc.boolean(),
    reworks: fc.nat(2),
    attempts: fc.nat(2),
    reruns: fc.nat(2),
  })
  .map(({ plan, planReview, approval, review, ci, human, merge, policy, autoMerge, reworks, attempts, reruns }) => [
    aStep('plan', 'plan', { enabled: plan }),
    aStep('companion', 'plan-review', { enabled: plan && planReview, reworks }),
    aStep('approval', 'approval', { enabled: plan && approval }),
    aStep('agent', 'code'),
    aStep('companion', 'review', { enabled: review, reworks }),
    aStep('ci', 'ci', { enabled: ci, attempts, reruns }),
    aStep('review', 'human', { enabled: human, batches: 1 + (attempts % 2), approvals: reworks % 2 }),
    aStep('merge', 'merge', { enabled: merge, autoMerge, ...(policy ? { by: 'policy' } : {}) }),
  ])

/** What was asked for so far, so that old answers can come again. */
export interface Asked {
  jobs: string[]
  effects: string[]
  timers: string[]
}

export function remember(asked: Asked, { effects, timers }: Decision): void {
  for (const effect of effects) {
    if (effect.kind === 'enqueue-job') asked.jobs.push(effect.job)
    asked.effects.push(effect.id)
  }
  for (const { id } of timers) asked.timers.push(id)
}

/** The event that these dice mean to this run. */
export function eventOf(run: Run, asked: Asked, [what, which, how]: Dice): RunEvent {
  if (what < 19) return helpful(run, which, how)
  if (what < 25) return noise(run, asked, which, how)
  return command(run, which, how)
}

function at<T>(from: readonly T[], index: number): T | undefined {
  return from[index % Math.max(1, from.length)]
}

function helpful(run: Run, which: number, how: number): RunEvent {
  if (run.status.state === 'queued') return { type: 'run.admitted' }
  if (run.status.state === 'paused') return { type: 'command.resume', actor: ALICE, trigger: comment(how + 1) }
  const wait = currentWait(run)
  switch (wait?.for) {
    case 'job':
      return { type: 'job.finished', job: wait.job, result: result(run, which, how) }
    case 'effect':
      // Now and then the answer is to a question of the same kind that is not open any more.
      return answer(run, how > 26 ? wait.effect.replace(/-\d+-/, '-0-') : wait.effect, which, how)
    case 'checks':
    case 'mergeability':
    case 'outside':
      return { type: 'timer.fired', timer: timer(run, 'sweep') }
    case 'retry':
      return { type: 'timer.fired', timer: timer(run, 'retry') }
    case 'person':
      return command(
        run,
        { approve: 0, cap: 6, evidence: 4, merge: 5, answers: 6, decision: 6, regression: 6, checkpoint: 6 }[wait.what],
        how,
      )
    case 'jobs':
    case 'calls':
    case undefined:
      return command(run, 1, how)
  }
}

function timer(run: Run, name: string): string {
  const step = run.steps.find(({ status }) => status.state === 'active')
  return `${step?.id}-${step?.epoch}-${name}`
}

function writable(run: Run): Leg[] {
  return run.legs.filter(({ access }) => access === 'write')
}

/** Old heads and new ones. */
function head(leg: Leg, how: number): HeadSha {
  return how % 4 === 0 && leg.head !== null ? leg.head : sha(`${leg.key} ${how % 5}`)
}

function result(run: Run, which: number, how: number): JobResult {
  const step = run.steps.find(({ status }) => status.state === 'active')
  const legs = writable(run)
    .slice(0, 1 + (how % 2))
    .map((leg) => pushed(leg, head(leg, how)))
  if (which === 8) return failedJob('model', legs)
  if (which === 9) return noop(how % 2 === 0 ? [] : legs)
  if (which === 10) return cancelledJob()
  if (which === 11) return failedJob('no-changes')
  if (step?.kind === 'plan')
    return planned(at([aPlan(), aPlan({ summary: 'another' }), aPlan({ mergeOrder: ['acme/web', 'acme/web'] })], how))
  if (step?.kind === 'merge') return at([assessed(0.1), assessed(0.1, legs), assessed(0.9), worked()], how) ?? worked()
  if (step?.kind === 'review') {
    const threads = [0, 1, 2].map((n) =>
      answerTo(`T${n}`, at(['changed', 'rebutted', 'answered'] as const, how + n) ?? 'changed'),
    )
    return reported({ threads: threads.slice(how % 3) }, how % 4 === 0 ? [] : legs)
  }
  if (step?.kind === 'companion') return at([graded(1), graded(0.5), graded(0.9, ['hm']), worked()], how) ?? graded(1)
  return worked(legs)
}

/** What an estimator says. */
function assessed(value: number, legs: JobResult['legs'] = []): JobResult {
  const axis = { value, why: 'because' }
  return reported({ estimate: { complexity: axis, risk: axis, impact: axis } }, legs)
}

/** What people said of a pull request. */
function review(leg: Leg, how: number): ReviewSeen {
  const decision = at(['none', 'none', 'approved', 'changes-requested', 'review-required'] as const, how) ?? 'none'
  const threads = how % 3 === 0 ? [] : [aThread(`T${how % 3}`, { answered: how % 5 === 4, trusted: how % 7 !== 6 })]
  const changeRequests = how % 8 === 7 ? [aRequest(`C${how % 3}`)] : []
  return reviewOf(leg, { decision, threads, changeRequests, approvedBy: how % 2 === 0 ? ['rita'] : [] })
}

function checks(how: number): CheckSeen[] {
  const conclusion = at(['success', 'failure', 'success', 'pending', 'success', 'timed_out'] as const, how) ?? 'success'
  return how % 7 === 6 ? [] : [aCheck(conclusion, `test ${how % 2}`)]
}

function answer(run: Run, effect: string, which: number, how: number): RunEvent {
  const open = openLegs(run)
  if (which === 11) return { type: 'effect.failed', effect, failure: aFailure('api') }
  const lacking = which === 10 ? open.slice(1) : open
  if (effect.endsWith('-open')) {
    const opened = lacking.map(({ key }, index) => ({ leg: key, pull: aPull(index + 1), head: sha(`opened ${key}`) }))
    const failed = open.slice(lacking.length).map(({ key }) => ({ leg: key, failure: aFailure('api') }))
    return { type: 'pulls.opened', effect, opened, failed: how % 2 === 0 ? failed : [] }
  }
  if (effect.endsWith('-checks')) {
    return {
      type: 'checks.reported',
      effect,
      legs: lacking.map((leg) => checksOf(leg.key, leg.head, checks(how), { redOnBase: how % 4 === 1 ? ['test 1'] : [] })),
    }
  }
  if (effect.includes('-file-')) {
    const followUp = effect.slice(effect.lastIndexOf('-') + 1)
    const url = 'https://github.com/acme/web/issues/99'
    return { type: 'follow-up.filed', effect, followUp, repository: 'acme/web', number: 99, url }
  }
  if (effect.endsWith('-rerun'))
    return { type: 'checks.rerun', effect, rerun: how % 3, refused: how % 5 === 4 ? 'not permitted' : null }
  if (effect.endsWith('-reviews')) return { type: 'reviews.reported', effect, legs: lacking.map((leg) => review(leg, how)) }
  if (effect.endsWith('-replies')) return { type: 'threads.answered', effect, answered: how }
  if (effect.endsWith('-pulls')) {
    const mergeable = at(['clean', 'clean', 'clean', 'unknown', 'blocked', 'dirty'] as const, how) ?? 'clean'
    const queued = how % 6 === 5 ? {} : { queued: how % 3 === 0 }
    const pulls = lacking.map((leg) =>
      pullSeen(leg, mergeable, { ...queued, ...(which === 9 ? { head: head(leg, how) } : {}) }),
    )
    return {
      type: 'pulls.reported',
      effect,
      pulls,
      checks: lacking.map((leg) => checksOf(leg.key, leg.head, which === 8 ? checks(how) : [aCheck()])),
    }
  }
  const leg = run.mergeOrder.map((key) => open.find((each) => each.key === key)).find((each) => each !== undefined)
  if (leg === undefined) return { type: 'effect.failed', effect, failure: aFailure('api') }
  if (which === 9) return { type: 'merge.refused', effect, leg: leg.key, failure: aFailure('conflict') }
  if (which === 8)
    return { type: 'merge.queued', effect, leg: leg.key, head: leg.head, by: how % 2 === 0 ? 'queue' : 'auto-merge' }
  return { type: 'pull.merged', effect, leg: leg.key, head: leg.head, pull: mergedPull(leg.pull?.number ?? 1) }
}

/** Some of it is told again in other letters. */
function noticed(how: number): RunEvent {
  const titles = [`thing ${how % 7}`, `THING  ${how % 4}!`]
  return {
    type: 'follow-ups.noticed',
    followUps: titles.map((title) => ({ kind: 'debt', title, detail: '', action: '' })),
  }
}

function noise(run: Run, asked: Asked, which: number, how: number): RunEvent {
  const job = JobId.parse(at(asked.jobs, how) ?? 'other-plan-1')
  const effect = at(asked.effects, how) ?? 'other-1-open'
  const leg = at(run.legs, how)
  switch (which) {
    case 0:
      return { type: 'job.finished', job, result: result(run, how % 12, how) }
    case 1:
      return { type: 'job.lost', job, why: 'not in the queue' }
    case 2:
      return { type: 'effect.failed', effect, failure: aFailure('api') }
    case 3:
      return { type: 'timer.fired', timer: at(asked.timers, how) ?? 'plan-1-sweep' }
    case 4:
      return { type: 'timer.fired', timer: timer(run, how % 2 === 0 ? 'escalate' : 'sweep') }
    case 5:
      return how % 3 === 0 ? { type: 'run.admitted' } : noticed(how)
    case 6:
      return answer(run, effect, how % 12, how)
    default:
      break
  }
  if (leg === undefined || leg.access === 'read') return { type: 'timer.fired', timer: 'nonsense' }
  const known = leg.pull?.number ?? 1 + (how % 2)
  if (which === 7) return { type: 'reviews.changed', leg: leg.key }
  if (which < 9) return { type: 'checks.changed', leg: leg.key, head: head(leg, how) }
  const pull = which < 11 ? aPull(known) : how % 3 === 0 ? mergedPull(known) : aPull(known, { state: 'closed' })
  return { type: 'pull.changed', leg: leg.key, pull, head: head(leg, how), by: 'alice' }
}

function command(run: Run, which: number, how: number): RunEvent {
  const by = { actor: ALICE, trigger: comment(how + 1) }
  const plan = run.steps.findLast(({ output }) => output?.kind === 'plan')?.output
  switch (which) {
    case 0:
    case 7:
      return {
        type: 'command.approve',
        ...by,
        hash: how % 5 === 4 ? 'abcdef0' : plan?.kind === 'plan' ? plan.hash : null,
        text: null,
      }
    case 1:
      return { type: 'command.retry', ...by }
    case 2:
      if (how % 3 === 2) return { type: 'command.file', ...by, followUp: `F${1 + (how % 4)}` }
      return { type: 'command.changes', ...by, text: 'not so' }
    case 3:
      return {
        type: 'command.restart',
        ...by,
        step: stepId(at(['code', 'plan', 'ci', 'merge', 'review', 'human', 'nonsense'], how) ?? 'code'),
      }
    case 4:
      return { type: 'command.extra-round', ...by }
    case 5:
      return how % 3 === 2 ? { type: 'command.tell', ...by, text: 'use Money' } : { type: 'command.merge', ...by }
    case 6:
    case 8:
      return { type: 'command.proceed', ...by }
    case 9:
      if (how % 3 === 0) return { type: 'command.reject', ...by, why: '' }
      return how % 3 === 1
        ? { type: 'command.revert', ...by }
        : { type: 'command.answer', ...by, id: null, text: '1', dismiss: false }
    case 10:
      if (how < 12) return { type: 'command.pause', ...by, why: '', cause: how % 4 === 3 ? 'installation' : 'person' }
      return {
        type: 'command.skip',
        ...by,
        step: stepId(at(['code', 'review', 'ci', 'human', 'merge', 'plan'], how) ?? 'ci'),
        why: '',
      }
    default:
      return how < 5 ? { type: 'command.stop', ...by, why: 'enough' } : { type: 'command.retry', ...by }
  }
}
