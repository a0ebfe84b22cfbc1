import { describe, expect, test } from 'vitest'
import { API, aStep, sha, stepId, WEB } from '../../../test/support/core/build.ts'
import { drive } from '../../../test/support/core/drive.ts'
import { estimated, pauseAndResume } from '../../../test/support/core/explored.ts'
import { failedJob, graded, noop, planned, pushed, worked } from '../../../test/support/core/results.ts'
import { describeStep } from '../describe.ts'

const gated = (when: Record<string, number>) => [aStep('estimate'), aStep('plan', 'plan', { when }), aStep('agent', 'code')]
const estimating = (steps = gated({ complexity: 0.5, risk: 0.5 })) => {
  const run = drive({ steps })
  run.send({ type: 'run.admitted' })
  return run
}

describe('[STP-3] an estimate', () => {
  test('comes from an estimator that explores, with all three axes and their reasons', () => {
    const run = estimating()
    expect(run.effect('enqueue-job')).toMatchObject({ role: 'estimator', mode: 'explore' })
    run.finish(estimated(0.2, 0.6, 0.9))
    expect(run.step('estimate').output).toMatchObject({
      kind: 'estimate',
      estimate: { complexity: { value: 0.2, why: 'so it seems' }, risk: { value: 0.6 }, impact: { value: 0.9 } },
      heads: [],
    })
    expect(describeStep(run.run, run.step('estimate'))).toBe('complexity 0.2, risk 0.6, impact 0.9')
  })

  test.each([
    ['success without an estimate', worked()],
    ['a noop', noop()],
  ])('%s is no estimate: the step fails', (_what, result) => {
    const run = estimating()
    run.finish(result)
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'no-usable-output' } })
  })

  test('of work that is there binds to its heads', () => {
    const run = estimating([aStep('agent', 'code', { mode: 'explore' }), aStep('estimate')])
    run.finish(worked([pushed(run.leg(WEB), sha('web')), pushed(run.leg(API), sha('api'))]))
    run.finish(estimated(0.1, 0.1, 0.1))
    expect(run.step('estimate').output).toMatchObject({
      heads: [
        { leg: WEB, head: sha('web') },
        { leg: API, head: sha('api') },
      ],
    })
  })
})

describe('[STP-3] a step gated on the estimate', () => {
  test.each([
    ['one axis at its threshold', { complexity: 0.5, risk: 0.5 }, [0.5, 0.1, 0.1], true],
    ['one axis over its threshold', { complexity: 0.5, risk: 0.5 }, [0.1, 0.7, 0.1], true],
    ['all axes under theirs', { complexity: 0.5, risk: 0.5 }, [0.49, 0.49, 1], false],
    ['an axis without a threshold high', { impact: 0.8 }, [1, 1, 0.79], false],
    ['no threshold at all', {}, [0, 0, 0], true],
  ] as const)('%s', (_what, when, [complexity, risk, impact], runs) => {
    const run = estimating(gated({ ...when }))
    run.finish(estimated(complexity, risk, impact))
    expect(run.step('plan').status.state).toBe(runs ? 'active' : 'skipped')
    expect(run.job()).toBe(runs ? 'run1-plan-1' : 'run1-code-1')
  })

  test('is skipped with the reason', () => {
    const run = estimating()
    run.finish(estimated(0.1, 0.2, 0.9))
    expect(run.step('plan').status).toEqual({
      state: 'skipped',
      by: 'switchyard',
      why: 'the estimate is under its thresholds: complexity 0.1 < 0.5, risk 0.2 < 0.5',
    })
  })

  test('runs where the estimate is missing, because a person skipped it', () => {
    const run = estimating()
    run.say('command.skip', { step: stepId('estimate'), why: '' })
    expect(run.job()).toBe('run1-plan-1')
  })

  test('takes its companion and its approval with it when it is skipped', () => {
    const run = estimating([
      aStep('estimate'),
      aStep('plan', 'plan', { when: { risk: 0.5 } }),
      aStep('companion', 'check'),
      aStep('approval'),
      aStep('agent', 'code'),
    ])
    run.finish(estimated(0.1, 0.1, 0.1))
    expect(run.step('check').status).toMatchObject({ state: 'skipped', why: 'plan was skipped: there is nothing to grade' })
    expect(run.step('approval').status).toMatchObject({ why: 'plan was skipped: there is nothing to approve' })
    expect(run.job()).toBe('run1-code-1')
  })

  test('is looked at anew when the estimate is made again', () => {
    const run = estimating()
    run.finish(estimated(0.1, 0.1, 0.1))
    run.say('command.restart', { step: stepId('estimate') })
    run.finish(estimated(0.9, 0.1, 0.1))
    expect(run.job()).toBe('run1-plan-1')
    run.finish(planned())
    expect(run.job()).toBe('run1-code-2')
  })
})

test('[RUN-4] a retry, a pause and a restart each ask for an estimate again, under a new epoch', () => {
  const run = estimating()
  run.finish(failedJob('model'))
  expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'model' } })
  run.say('command.retry', {})
  expect(run.job()).toBe('run1-estimate-2')
  pauseAndResume(run)
  expect(run.job()).toBe('run1-estimate-3')
  run.say('command.restart', { step: stepId('estimate') })
  expect(run.job()).toBe('run1-estimate-4')
  const before = run.run
  run.send({ type: 'job.finished', job: 'run1-estimate-2' as never, result: graded(1) })
  expect(run.run).toBe(before)
  run.finish(estimated(1, 1, 1))
  expect(run.job()).toBe('run1-plan-1')
})
