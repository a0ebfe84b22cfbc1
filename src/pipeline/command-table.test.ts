/** Every state a run can be in, and what every command does there: allowed or refused exactly as the table says. */
import { describe, expect, test } from 'vitest'
import { API, aStep, defaultSteps, sha, stepId, WEB } from '../../test/support/core/build.ts'
import {
  type Drive,
  drive,
  mergeNow,
  openPulls,
  pushBoth,
  reportChecks,
  reportPulls,
  toApproval,
  toCi,
  toCode,
  toMerge,
  toReview,
} from '../../test/support/core/drive.ts'
import {
  aCheck,
  aFailure,
  aPull,
  checksOf,
  failedJob,
  finished,
  graded,
  reported,
  worked,
} from '../../test/support/core/results.ts'
import { aThread, reportReviews } from '../../test/support/core/reviews.ts'
import type { Run, Step } from './model.ts'
import { awaitedJobs, currentWait } from './state.ts'

const VERBS = [
  'answer',
  'approve',
  'budget',
  'changes',
  'extra-round',
  'merge',
  'pause',
  'proceed',
  'reject',
  'restart',
  'resume',
  'retry',
  'revert',
  'skip',
  'stop',
  'tell',
] as const
type Verb = (typeof VERBS)[number]

const byPerson = { settings: { merge: { by: 'person', method: 'squash' } } } as const
const retrying = { settings: { retry: { cap: 3, infrastructure: 5, gapMs: 120_000 } } } as const

/** `restart` and `skip` name the step that the run is at. Every verb that is not in a row is refused there. */
const TABLE: readonly [state: string, to: () => Drive, allowed: string][] = [
  ['queued', () => drive(), 'budget skip stop'],
  ['waits for a job', () => toCode(drive()), 'budget pause restart skip stop tell'],
  ['waits for several jobs', inParallel, 'budget pause restart skip stop'],
  ['waits for an effect', () => pushBoth(toCode(drive())), 'budget pause restart skip stop'],
  ['waits for a merge call', () => reportPulls(toMerge(drive())), 'budget pause stop'],
  ['waits for checks', () => reportChecks(toCi(drive()), [aCheck('pending')]), 'budget pause restart skip stop'],
  ['waits for mergeability', blocked, 'budget pause restart skip stop'],
  ['waits for a merge queue', queuedUp, 'budget pause stop'],
  ['waits for a review', () => reportReviews(inReview({ approvals: 1 })), 'budget pause restart skip stop'],
  ['waits to try again', waitsToRetry, 'budget pause restart retry skip stop'],
  ['waits for approval', () => toApproval(drive()), 'approve budget changes pause reject restart skip stop'],
  ['waits at a companion’s cap', atCap, 'budget changes extra-round pause proceed restart skip stop'],
  ['waits at a review’s cap', atBatches, 'budget extra-round pause proceed restart retry skip stop'],
  ['waits over evidence', stuck, 'budget extra-round pause restart retry skip stop'],
  ['waits over what is red on the base', redOnBase, 'budget extra-round pause proceed restart retry skip stop'],
  ['waits for the word to merge', () => toMerge(drive(byPerson)), 'budget changes merge pause restart skip stop'],
  ['waits for answers', asking, 'answer budget changes pause proceed restart skip stop'],
  ['waits for a decision', deciding, 'answer budget pause restart skip stop'],
  ['paused by a person', () => paused('person'), 'budget pause resume stop'],
  ['paused by the installation', () => paused('installation'), 'budget pause resume stop'],
  ['paused by the budget', () => paused('budget'), 'budget pause resume stop'],
  ['paused by a closed pull request', closed, 'budget pause resume stop'],
  ['paused, all pull requests closed', allClosed, 'budget pause stop'],
  ['failed', failedAtCode, 'budget restart retry skip stop'],
  ['failed with a part merged', halfMerged, 'budget retry revert skip stop'],
  ['done', () => mergeNow(mergeNow(reportPulls(toMerge(drive())))), 'revert'],
  ['stopped', stopped, 'stop'],
  ['stopped with a part merged', stoppedHalfMerged, 'revert stop'],
]

function begun(run: Drive): Drive {
  run.send({ type: 'run.admitted' })
  return run
}

function inParallel(): Drive {
  const steps = [
    { id: 'one', role: 'researcher' },
    { id: 'two', role: 'researcher' },
  ]
  return begun(drive({ steps: [aStep('parallel', 'look', { steps }), aStep('agent', 'code')] }))
}

function blocked(): Drive {
  const run = toMerge(drive())
  run.send({ type: 'pulls.reported', effect: run.effect('ask-pulls').id, pulls: [], checks: [] })
  return run
}

function queuedUp(): Drive {
  const run = reportPulls(toMerge(drive()))
  const { id, leg, head } = run.effect('merge-pull')
  run.send({ type: 'merge.queued', effect: id, leg, head, by: 'queue' })
  return run
}

function inReview(options = {}): Drive {
  return openPulls(pushBoth(begun(drive({ steps: [aStep('agent', 'code'), aStep('review', 'review', options)] }))))
}

function waitsToRetry(): Drive {
  const run = toCode(drive(retrying))
  run.finish(failedJob('agent'))
  return run
}

function atCap(): Drive {
  const run = toReview(drive({ steps: defaultSteps({ review: { reworks: 0 } }) }))
  run.finish(graded(0.2, ['no']))
  return run
}

function atBatches(): Drive {
  const run = inReview({ batches: 1 })
  reportReviews(run, { [WEB]: { threads: [aThread('T1')] } })
  run.finish(reported({ threads: [] }))
  return reportReviews(run, { [WEB]: { threads: [aThread('T2')] } })
}

function stuck(): Drive {
  return reportChecks(toCi(drive({ steps: defaultSteps({ ci: { attempts: 0 } }) })), [aCheck('failure')])
}

function redOnBase(): Drive {
  const run = toCi(drive())
  const { id, legs } = run.effect('ask-checks')
  const seen = legs.map(({ leg, head }) => checksOf(leg, head, [aCheck('failure')], { redOnBase: ['test'] }))
  run.send({ type: 'checks.reported', effect: id, legs: seen })
  return run
}

function asking(): Drive {
  const run = begun(drive({ steps: [aStep('questions'), aStep('agent', 'code')] }))
  const findings = [{ kind: 'question' as const, severity: 'high' as const, text: 'Which currency?' }]
  run.finish(reported({ findings: { brief: 'Show the tax.', findings } }))
  return run
}

function deciding(): Drive {
  const run = toCode(drive())
  const question = {
    status: 'needs-decision',
    nonce: '0123456789abcdef',
    summary: 'Two ways.',
    question: 'Which?',
    options: ['a', 'b'],
  }
  run.finish(finished(question as never))
  return run
}

function paused(cause: 'person' | 'installation' | 'budget'): Drive {
  const run = toCode(drive())
  if (cause !== 'budget') {
    run.say('command.pause', { why: '', cause })
    return run
  }
  const at = drive({ ...run.run, status: { state: 'paused', by: 'switchyard', why: 'no money left', cause, at: run.now } })
  at.now = run.now
  return at
}

function close(run: Drive, leg: typeof WEB, number: number): void {
  const pull = aPull(number, { state: 'closed' })
  run.send({ type: 'pull.changed', leg, pull, head: run.leg(leg).head ?? sha('x'), by: 'bob' })
}

function closed(): Drive {
  const run = toCi(drive())
  close(run, WEB, 1)
  return run
}

function allClosed(): Drive {
  const run = closed()
  close(run, API, 2)
  return run
}

function failedAtCode(): Drive {
  const run = toCode(drive())
  run.finish(failedJob('model'))
  return run
}

function halfMerged(): Drive {
  const run = mergeNow(reportPulls(toMerge(drive())))
  const { id } = run.effect('merge-pull')
  run.send({ type: 'merge.refused', effect: id, leg: WEB, failure: aFailure('conflict') })
  return run
}

function stopped(): Drive {
  const run = toCode(drive())
  run.say('command.stop', { why: '' })
  return run
}

function stoppedHalfMerged(): Drive {
  const run = halfMerged()
  run.say('command.stop', { why: '' })
  return run
}

/** The step that the run is at, else the first that is to come, else the last. */
function at({ steps }: Run): Step {
  const found =
    steps.find(({ status }) => ['active', 'failed', 'cancelled'].includes(status.state)) ??
    steps.find(({ status }) => status.state === 'pending') ??
    steps.at(-1)
  if (found === undefined) throw new Error('a run has steps')
  return found
}

function say(run: Drive, verb: Verb) {
  const plan = run.run.steps.find(({ kind }) => kind === 'plan')?.output
  switch (verb) {
    case 'answer':
      return run.say('command.answer', { id: null, text: '1', dismiss: false })
    case 'approve':
      return run.say('command.approve', { hash: plan?.kind === 'plan' ? plan.hash : 'abcdef0', text: null })
    case 'changes':
    case 'tell':
      return run.say(`command.${verb}`, { text: 'use cents' })
    case 'budget':
      return run.say('command.budget', { addUsd: 5 })
    case 'pause':
      return run.say('command.pause', { why: 'later', cause: 'person' })
    case 'reject':
      return run.say('command.reject', { why: 'no' })
    case 'restart':
      return run.say('command.restart', { step: at(run.run).id })
    case 'skip':
      return run.say('command.skip', { step: at(run.run).id, why: 'not now' })
    case 'stop':
      return run.say('command.stop', { why: 'enough' })
    default:
      return run.say(`command.${verb}`, {})
  }
}

/** What came for the wait that the command ended: results, answers and timers of the epochs before. */
function late(run: Drive, before: Run): void {
  const wait = currentWait(before)
  const step = before.steps.find(({ status }) => status.state === 'active')
  const gone = awaitedJobs(wait).filter(
    (job) => !awaitedJobs(currentWait(run.run)).includes(job) || run.run.status.state !== 'active',
  )
  for (const job of gone) {
    const held = run.run
    run.send({ type: 'job.finished', job, result: worked() })
    run.send({ type: 'job.lost', job, why: 'late' })
    expect(run.run).toBe(held)
  }
  const now = currentWait(run.run)
  const open = run.run.status.state === 'active' && now?.for === 'effect' ? now.effect : null
  if (wait?.for === 'effect' && wait.effect !== open) {
    const { steps, status } = run.run
    run.send({ type: 'effect.failed', effect: wait.effect, failure: aFailure('api') })
    expect({ steps: run.run.steps, status: run.run.status }).toEqual({ steps, status })
  }
  const current = run.run.steps.find(({ id }) => id === step?.id)
  if (step === undefined || current === undefined || current.epoch === step.epoch) return
  for (const name of ['sweep', 'escalate', 'retry']) {
    const held = run.run
    run.send({ type: 'timer.fired', timer: `${step.id}-${step.epoch}-${name}` })
    expect(run.run).toBe(held)
  }
}

describe.each(TABLE)('[RUN-4] [RUN-5] [RUN-6] [RUN-7] a run that is %s', (_state, to, allowed) => {
  const verbs = allowed.split(' ')

  test('the row names commands that there are', () => {
    expect(VERBS).toEqual(expect.arrayContaining(verbs))
  })

  test.each(VERBS)('%s', (verb) => {
    const run = to()
    const before = run.run
    const answer = say(run, verb)
    expect(run.last.effects.filter(({ kind }) => kind === 'answer')).toEqual([answer])
    expect({ verb, result: answer.result, text: answer.text }).toMatchObject({
      result: verbs.includes(verb) ? 'done' : 'refused',
    })
    // Configuration and settings are the run's own, whatever is said.
    expect(run.run.settings).toEqual(before.settings)
    expect(run.run.steps.map(({ config }) => config)).toEqual(before.steps.map(({ config }) => config))
    if (answer.result === 'refused') {
      // A reason, and a sentence's worth of it.
      expect(answer.text).toMatch(/\w+ \w+ .*[.!?]$/s)
      expect({ ...run.run, version: 0 }).toEqual({ ...before, version: 0 })
      return
    }
    for (const [index, step] of run.run.steps.entries()) {
      const old = before.steps[index]
      expect(step.epoch).toBeGreaterThanOrEqual(old?.epoch ?? 0)
      const works = awaitedJobs(step.status.state === 'active' ? step.status.wait : null)
      const worked = awaitedJobs(old?.status.state === 'active' ? old.status.wait : null)
      // Whoever works again works under an epoch of its own.
      if (works.join() !== worked.join() && works.length > 0) expect(step.epoch).toBeGreaterThan(old?.epoch ?? 0)
    }
    late(run, before)
  })
})

describe('what is kept and what is begun anew', () => {
  test('[RUN-4] retry keeps what the steps before have yielded, and every option', () => {
    const run = failedAtCode()
    const { output, epoch } = run.step('plan')
    say(run, 'retry')
    expect(run.step('plan')).toMatchObject({ output, epoch, status: { state: 'done' } })
    expect(run.step('code')).toMatchObject({ epoch: 2, status: { state: 'active' } })
  })

  test('[RUN-4] restart forgets the outputs from its step on, and only those', () => {
    const run = stuck()
    run.say('command.restart', { step: stepId('code') })
    expect(run.step('approval').output).not.toBeNull()
    for (const id of ['code', 'review', 'ci']) expect(run.step(id).output).toBeNull()
    expect(run.step('ci')).toMatchObject({ epoch: 1, status: { state: 'pending' } })
    expect(run.job()).toBe('run1-code-2')
  })

  test('[RUN-5] skip says who and why, cancels the job, and goes on', () => {
    const run = toReview(drive())
    const job = run.job()
    run.say('command.skip', { step: stepId('review'), why: 'read it myself' })
    expect(run.step('review').status).toEqual({ state: 'skipped', by: 'alice', why: 'read it myself' })
    expect(run.effect('cancel-job').job).toBe(job)
    expect(run.step('ci').status.state).toBe('active')
  })

  test('[RUN-5] a required step, one that is done and an unknown one are not skipped; twice is once', () => {
    const run = toCode(drive({ steps: defaultSteps({ ci: { required: true } }) }))
    const skip = (step: string) => run.say('command.skip', { step: stepId(step), why: '' })
    expect(skip('ci')).toMatchObject({ result: 'refused', text: expect.stringContaining('required') })
    expect(skip('plan')).toMatchObject({ result: 'refused', text: expect.stringContaining('done already') })
    expect(skip('nonsense')).toMatchObject({ result: 'refused', text: expect.stringContaining('plan, approval, code') })
    expect(skip('review').result).toBe('done')
    const { status } = run.step('review')
    expect(skip('review').result).toBe('done')
    expect(run.step('review').status).toEqual(status)
    expect(run.step('code').status.state).toBe('active')
  })

  test('[RUN-5] the only step that is left is not skipped', () => {
    const run = begun(drive({ steps: [aStep('agent', 'code')] }))
    expect(say(run, 'skip')).toMatchObject({ result: 'refused', text: expect.stringContaining('stop') })
  })

  test('[RUN-6] pause has the job stopped with its work kept; resume goes on in the same step, under a new epoch', () => {
    const run = toCode(drive())
    const job = run.job()
    say(run, 'pause')
    expect(run.effect('cancel-job')).toMatchObject({ job, keep: true })
    expect(run.run.status).toMatchObject({ state: 'paused', by: 'alice', why: 'later', cause: 'person' })
    const held = run.run
    run.send({ type: 'job.finished', job, result: worked() })
    expect(run.run).toBe(held)
    say(run, 'resume')
    expect(run.job()).toBe('run1-code-2')
    expect(run.run.status.state).toBe('active')
  })

  test.each([
    ['checks', () => reportChecks(toCi(drive()), [aCheck('pending')]), 'ci-1-sweep'],
    ['mergeability', blocked, 'merge-1-sweep'],
    ['a review', () => reportReviews(inReview({ approvals: 1 })), 'review-1-sweep'],
  ])('[RUN-6] what was said of %s during a pause is asked for after it', (_what, to, timer) => {
    const run = to()
    say(run, 'pause')
    run.now += 3_600_000
    say(run, 'resume')
    expect(run.last.timers).toContainEqual({ id: timer, at: run.now })
    const asked = run.all.length
    run.send({ type: 'timer.fired', timer })
    expect(run.all.slice(asked).some(({ kind }) => kind.startsWith('ask-'))).toBe(true)
  })

  test('[RUN-6] a wait for a person lasts over a pause, and is escalated after it', () => {
    const run = toApproval(drive())
    const wait = run.wait()
    say(run, 'pause')
    run.now += 10_000_000
    run.send({ type: 'timer.fired', timer: 'approval-1-escalate' })
    expect(run.run.status.state).toBe('paused')
    say(run, 'resume')
    expect(run.wait()).toEqual(wait)
    run.send({ type: 'timer.fired', timer: 'approval-1-escalate' })
    expect(run.wait()).toMatchObject({ escalated: true })
  })

  test('[RUN-6] a run paused before its time to try again tries again after it', () => {
    const run = waitsToRetry()
    say(run, 'pause')
    run.now += 10_000_000
    say(run, 'resume')
    expect(run.last.timers).toContainEqual({ id: 'code-1-retry', at: run.now })
    run.send({ type: 'timer.fired', timer: 'code-1-retry' })
    expect(run.job()).toBe('run1-code-2')
  })

  test('[RUN-7] stop in a pause is a stop', () => {
    const run = paused('person')
    say(run, 'stop')
    expect(run.run.status.state).toBe('stopped')
    expect(say(run, 'resume').result).toBe('refused')
  })
})
