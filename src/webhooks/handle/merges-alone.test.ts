import { expect, test } from 'vitest'
import { aStep, someSettings } from '../../../test/support/core/build.ts'
import { mergesAlone } from './merges-alone.ts'

const settings = (by: 'person' | 'auto' | 'policy') => someSettings({ merge: { by, method: 'squash' } })
const code = aStep('agent', 'code')

test.each([
  ['the configuration says auto', { steps: [code, aStep('merge')], settings: settings('auto') }, true],
  ['the configuration says policy', { steps: [code, aStep('merge')], settings: settings('policy') }, true],
  ['a person merges', { steps: [code, aStep('merge')], settings: settings('person') }, false],
  ['the step says auto', { steps: [aStep('merge', 'merge', { by: 'auto' })], settings: settings('person') }, true],
  ['the step says person', { steps: [aStep('merge', 'merge', { by: 'person' })], settings: settings('auto') }, false],
  ['nothing is merged', { steps: [code], settings: settings('auto') }, false],
  ['somebody approves before', { steps: [aStep('approval'), code, aStep('merge')], settings: settings('auto') }, false],
  [
    'the approval is switched off',
    { steps: [aStep('approval', 'approval', { enabled: false }), aStep('merge')], settings: settings('auto') },
    true,
  ],
  [
    'an estimate can make the approval unneeded',
    { steps: [aStep('approval', 'approval', { when: { risk: 0.5 } }), aStep('merge')], settings: settings('auto') },
    true,
  ],
])('[CMD-3] whether a run merges on the word of who started it: %s', (_what, plan, expected) => {
  expect(mergesAlone(plan)).toBe(expected)
})
