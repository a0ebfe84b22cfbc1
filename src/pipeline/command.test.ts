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
import { aCheck, aFailure, failedJob, graded, noop, pushed, worked } from '../../test/support/core/results.ts'

type Verb = 'approve' | 'changes' | 'reject' | 'retry' | 'restart' | 'extra-round' | 'proceed' | 'merge' | 'stop'
const VERBS: readonly Verb[] = ['approve', 'changes', 'reject', 'retry', 'restart', 'extra-round', 'proceed', 'merge', 'stop']

const byPerson = { settings: { merge: { by: 'person', method: 'squash' } } } as const

/** Every state that a run can be found in, and the verbs that are done there; all others are refused. */
const STATES: readonly { state: string; to: () => Drive; done: readonly Verb[] }[] = [
  { state: 'queued', to: () => drive(), done: ['stop'] },
  { state: 'a job is working', to: () => toCode(drive()), done: ['restart', 'stop'] },
  { state: 'pull requests are being opened', to: () => pushBoth(toCode(drive())), done: ['restart', 'stop'] },
  { state: 'a plan waits for approval', to: () => toApproval(drive()), done: ['approve', 'changes', 'reject', 'stop'] },
  { state: 'a companion is at its cap', to: atCap, done: ['changes', 'extra-round', 'proceed', 'restart', 'stop'] },
  { state: 'checks are asked for', to: () => toCi(drive()), done: ['restart', 'stop'] },
  { state: 'checks are pending', to: () => reportChecks(toCi(drive()), [aCheck('pending')]), done: ['restart', 'stop'] },
  { state: 'a gate is stuck', to: stuck, done: ['extra-round', 'retry', 'restart', 'stop'] },
  { state: 'a person merges', to: () => toMerge(drive(byPerson)), done: ['changes', 'merge', 'restart', 'stop'] },
  { state: 'a merge call is under way', to: () => reportPulls(toMerge(drive())), done: ['stop'] },
  { state: 'failed', to: () => failedAtCode(), done: ['retry', 'restart', 'stop'] },
  { state: 'done', to: () => mergeNow(mergeNow(reportPulls(toMerge(drive())))), done: [] },
  { state: 'stopped', to: stopped, done: ['stop'] },
]

function atCap(): Drive {
  const run = toReview(drive({ steps: defaultSteps({ review: { reworks: 0 } }) }))
  run.finish(graded(0.2, ['no']))
  return run
}

function stuck(): Drive {
  const run = toCi(drive({ steps: defaultSteps({ ci: { attempts: 0 } }) }))
  return reportChecks(run, [aCheck('failure')])
}

function failedAtCode(): Drive {
  const run = toCode(drive())
  run.finish(failedJob('model'))
  return run
}

function stopped(): Drive {
  const run = toCode(drive())
  run.say('command.stop', { why: '' })
  return run
}

function say(run: Drive, verb: Verb) {
  const plan = run.step('plan').output
  switch (verb) {
    case 'approve':
      return run.say('command.approve', { hash: plan?.kind === 'plan' ? plan.hash : 'abcdef0', text: null })
    case 'changes':
      return run.say('command.changes', { text: 'use cents' })
    case 'reject':
      return run.say('command.reject', { why: 'no' })
    case 'restart':
      return run.say('command.restart', { step: stepId('code') })
    case 'stop':
      return run.say('command.stop', { why: 'enough' })
    case 'retry':
      return run.say('command.retry', {})
    case 'extra-round':
      return run.say('command.extra-round', {})
    case 'proceed':
      return run.say('command.proceed', {})
    case 'merge':
      return run.say('command.merge', {})
  }
}

describe.each(STATES)('invariant 8, when $state', ({ to, done }) => {
  test.each(VERBS)('%s gets exactly one answer, where it was given', (verb) => {
    const run = to()
    const before = run.run
    const answer = say(run, verb)
    expect(run.last.effects.filter(({ kind }) => kind === 'answer')).toEqual([answer])
    expect(answer.result).toBe(done.includes(verb) ? 'done' : 'refused')
    if (answer.result === 'done') return
    expect(answer.text).toMatch(/\w{3}/)
    expect({ ...run.run, version: 0 }).toEqual({ ...before, version: 0 })
  })
})

describe('stop', () => {
  test('[RUN-7] cancels the job, ends every step, and asks for nothing more', () => {
    const run = toCode(drive())
    const job = run.job()
    expect(say(run, 'stop').result).toBe('done')
    expect(run.last.effects.map(({ kind }) => kind)).toEqual(['cancel-job', 'answer', 'show'])
    expect(run.effect('cancel-job').job).toBe(job)
    expect(run.run.status).toEqual({ state: 'stopped', by: 'alice', why: 'enough' })
    expect(run.run.steps.map(({ status }) => status.state)).toEqual([
      'done',
      'done',
      'cancelled',
      'cancelled',
      'cancelled',
      'cancelled',
    ])
  })

  test('[RUN-7] twice is once, and no command brings the run back', () => {
    const run = stopped()
    const before = run.run
    expect(say(run, 'stop').result).toBe('done')
    expect(run.last.effects.map(({ kind }) => kind)).toEqual(['answer', 'show'])
    expect(run.run.status).toEqual(before.status)
    for (const verb of VERBS) say(run, verb)
    expect(run.run.status.state).toBe('stopped')
  })

  test('[RUN-7] a failed run that was stopped cannot be retried', () => {
    const run = failedAtCode()
    say(run, 'stop')
    expect(say(run, 'retry').result).toBe('refused')
    expect(run.run.status.state).toBe('stopped')
  })

  test('a result that comes after it changes nothing', () => {
    const run = toCode(drive())
    const job = run.job()
    say(run, 'stop')
    const before = run.run
    run.send({ type: 'job.finished', job, result: worked([pushed(run.leg(WEB), sha('late'))]) })
    expect(run.run).toBe(before)
  })

  test('what GitHub merged in the meantime is recorded, and nothing follows from it', () => {
    const run = reportPulls(toMerge(drive()))
    const { id, leg, head } = run.effect('merge-pull')
    say(run, 'stop')
    const pull = { ...run.leg(leg).pull, state: 'merged' as const, draft: false, mergedAt: null, mergeSha: null }
    run.send({ type: 'pull.merged', effect: id, leg, head, pull: pull as never })
    expect(run.leg(leg)).toMatchObject({ mergedSha: head, pull: { state: 'merged' } })
    expect(run.last.effects.map(({ kind }) => kind)).toEqual(['show'])
    expect(run.run.status.state).toBe('stopped')
  })
})

describe('retry and restart', () => {
  test('[RUN-4] retry goes on from the failed step, under a new epoch, with all that is before it kept', () => {
    const run = failedAtCode()
    const plan = run.step('plan')
    const { config } = run.step('code')
    say(run, 'retry')
    expect(run.job()).toBe('run1-code-2')
    expect(run.step('plan')).toEqual(plan)
    expect(run.step('code').config).toEqual(config)
    expect(run.run.endedAt).toBeNull()
  })

  test('[RUN-4] restart begins a step anew, cancels what is working, and keeps configuration and epochs', () => {
    const run = toReview(drive({ steps: defaultSteps({ review: { reworks: 1, threshold: 0.5 } }) }))
    const working = run.job()
    run.say('command.restart', { step: stepId('plan') })
    expect(run.effect('cancel-job').job).toBe(working)
    expect(run.job()).toBe('run1-plan-2')
    expect(run.step('review')).toMatchObject({
      epoch: 1,
      output: null,
      config: { reworks: 1, threshold: 0.5 },
      status: { state: 'pending' },
    })
    expect(run.step('approval').status.state).toBe('pending')
  })

  test('the time of an attempt that a restart ends is counted', () => {
    const run = toCode(drive())
    run.now += 60_000
    run.say('command.restart', { step: stepId('plan') })
    expect(run.step('code').spentMs).toBeGreaterThanOrEqual(60_000)
  })

  test.each([
    ['nonsense', /no step "nonsense".*plan, approval, code/],
    ['merge', /not been reached.*at "code"/],
  ])('restart %s is refused, with what is possible', (step, why) => {
    const run = toCode(drive())
    expect(run.say('command.restart', { step: stepId(step) })).toMatchObject({
      result: 'refused',
      text: expect.stringMatching(why),
    })
  })

  test('restart of a step that is switched off is refused', () => {
    const run = drive({ steps: [aStep('plan', 'plan', { enabled: false }), aStep('agent', 'code')] })
    run.send({ type: 'run.admitted' })
    expect(run.say('command.restart', { step: stepId('plan') })).toMatchObject({
      result: 'refused',
      text: expect.stringContaining('skipped'),
    })
  })

  test('restart is refused once a part is merged', () => {
    const run = mergeNow(reportPulls(toMerge(drive())))
    const { id, leg } = run.effect('merge-pull')
    run.send({ type: 'merge.refused', effect: id, leg, failure: aFailure('conflict') })
    expect(run.run.status.state).toBe('failed')
    expect(run.say('command.restart', { step: stepId('code') })).toMatchObject({
      result: 'refused',
      text: expect.stringContaining('merged already'),
    })
  })

  test('[CS-3] retry after some pull requests could not be opened asks for the missing ones only', () => {
    const run = pushBoth(toCode(drive()))
    const { id } = run.effect('open-pulls')
    const pull = {
      number: 1,
      nodeId: 'x',
      url: 'https://github.com/acme/web/pull/1',
      state: 'open',
      draft: true,
      mergedAt: null,
      mergeSha: null,
    } as const
    run.send({
      type: 'pulls.opened',
      effect: id,
      opened: [{ leg: WEB, pull, head: sha('web one') }],
      failed: [{ leg: API, failure: aFailure('permission') }],
    })
    expect(run.run.status).toMatchObject({
      state: 'failed',
      failure: { cause: 'permission', message: expect.stringContaining('acme/api') },
    })
    expect(run.leg(WEB).pull?.number).toBe(1)
    say(run, 'retry')
    expect(run.effect('open-pulls').legs).toEqual([API])
    openPulls(run)
    expect(run.step('code').status.state).toBe('done')
    expect(run.step('code').epoch).toBe(2)
  })
})

test('a run that ends because there is nothing to do skips what is left', () => {
  const run = toCode(drive())
  run.finish(noop())
  expect(run.run.status).toEqual({ state: 'done', outcome: 'nothing-to-do', summary: 'It is there already.' })
  expect(run.step('merge').status).toMatchObject({ state: 'skipped' })
})
