import { describe, expect, test } from 'vitest'
import { aStep, defaultSteps } from '../../test/support/core/build.ts'
import { checkPipeline } from './definitions.ts'
import type { StepConfig } from './model.ts'

const messages = (steps: StepConfig[]) => checkPipeline(steps).map(({ path, message }) => `${path.join('.')}: ${message}`)

describe('[CFG-5] the shape of a pipeline', () => {
  test('a good one has no fault', () => {
    expect(checkPipeline(defaultSteps())).toEqual([])
  })

  test.each<[string, StepConfig[], RegExp]>([
    ['no step is enabled', [aStep('plan', 'plan', { enabled: false })], /^: no step is enabled/],
    ['an id is taken twice', [aStep('plan'), aStep('agent', 'plan')], /^1\.id: the id "plan" is taken by step 1/],
    ['a kind is unknown', [aStep('agnet')], /^0\.kind: there is no step kind "agnet"; known are plan, agent/],
    ['an option is unknown', [aStep('plan', 'plan', { roles: 'x' })], /^0: .*roles/],
    ['an option is out of bounds', [aStep('plan'), aStep('companion', 'c', { threshold: 2 })], /^1\.threshold: /],
    ['a companion has no producer before it', [aStep('companion')], /^0: the companion "companion" must stand directly after/],
    ['a companion follows a gate', [aStep('agent', 'code'), aStep('ci'), aStep('companion')], /^2: the companion/],
    [
      'an approval has no plan before it',
      [aStep('agent', 'code'), aStep('approval')],
      /^1: the approval "approval" needs a plan/,
    ],
    [
      'an approval names what cannot be approved',
      [aStep('plan'), aStep('estimate'), aStep('approval', 'approval', { of: 'estimate' })],
      /^2\.of: "estimate" is no plan and no document before "approval"/,
    ],
    [
      'a step is gated without an estimate before it',
      [aStep('agent', 'code'), aStep('companion', 'check', { when: { risk: 0.5 } }), aStep('estimate')],
      /^1\.when: "check" is gated on an estimate/,
    ],
    [
      'a gate has no code before it',
      [aStep('agent', 'look', { mode: 'explore' }), aStep('ci')],
      /^1: "ci" needs an agent step in code mode/,
    ],
    ['a gate stands after the merge', [aStep('agent', 'code'), aStep('merge'), aStep('ci')], /^2: "ci" stands after the merge/],
    [
      'there are two merges',
      [aStep('agent', 'code'), aStep('merge'), aStep('merge', 'again')],
      /^2: a pipeline has one merge at most/,
    ],
  ])('%s', (_what, steps, fault) => {
    expect(messages(steps)).toEqual(expect.arrayContaining([expect.stringMatching(fault)]))
  })

  test('steps that are switched off do not count', () => {
    const steps = [
      aStep('agent', 'code'),
      aStep('plan', 'off', { enabled: false }),
      aStep('companion'),
      aStep('merge', 'm', { enabled: false }),
      aStep('ci'),
    ]
    expect(checkPipeline(steps)).toEqual([])
  })
})

describe('[CMD-1] a pipeline for pull requests', () => {
  const gates = [aStep('conflicts'), aStep('review'), aStep('ci')]

  test('has its code in the pull request, so no step has to make any', () => {
    expect(checkPipeline(gates, 'pull')).toEqual([])
    expect(checkPipeline(gates).map(({ path }) => path)).toEqual([[0], [1], [2]])
  })

  test("may not merge what is somebody else's", () => {
    const faults = checkPipeline([...gates, aStep('merge')], 'pull')
    expect(faults).toEqual([{ path: [3], message: '"merge" would merge a pull request that is somebody else\'s' }])
  })
})
