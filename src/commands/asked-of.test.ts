import { expect, test } from 'vitest'
import { begun } from '../../test/support/example-pipelines.ts'
import { BUILT_IN_CONFIGURATION } from '../config/defaults.ts'
import { StepId } from '../contract/ids.ts'
import { askedOf } from './asked-of.ts'
import { authorise } from './authorise.ts'
import { commandOf } from './registry.ts'

const { run } = begun('questions', 'document', 'approval', { id: 'code', kind: 'agent' }, 'companion', 'ci')
const skip = commandOf('skip')
const revert = commandOf('revert')
if (skip === undefined || revert === undefined) throw new Error('a command is missing')
const ofStep = (id: string) => askedOf(skip, { verb: 'skip', step: StepId.parse(id), why: '' }, run)

test('leaving out a step that judges is for those who may approve, any other for those who may start', () => {
  expect(['approval', 'companion', 'ci'].map((id) => ofStep(id).who)).toEqual(['approve', 'approve', 'approve'])
  expect(['questions', 'document', 'code', 'no-such-step'].map((id) => ofStep(id).who)).toEqual(Array(4).fill('start'))
  expect(askedOf(revert, { verb: 'revert' }, run)).toEqual({ verb: 'revert', who: 'merge', bots: false })
})

test('[CMD-3] who may not approve cannot skip the approval either', () => {
  const strict = { ...BUILT_IN_CONFIGURATION, approve: { ...BUILT_IN_CONFIGURATION.approve, notRequester: true } }
  const asker = { permission: 'write', login: 'mona', isBot: false, isRequester: true } as const
  expect(authorise(ofStep('approval'), asker, strict).allowed).toBe(false)
  expect(authorise(ofStep('ci'), asker, strict).allowed).toBe(true)
  expect(authorise(ofStep('approval'), { ...asker, isRequester: false }, strict).allowed).toBe(true)
})
