import { expect, test } from 'vitest'
import { drive, toCode } from '../../test/support/core/drive.ts'

const CODER = { role: 'coder', model: 'big' }

test('[CFG-3] another model for a role holds for this run, from its next job on, and keeps what else the role is set to', () => {
  const run = toCode(drive())
  const before = structuredClone(run.run.settings.roles)
  expect(run.say('command.model', CODER)).toMatchObject({ result: 'done' })
  const { coder, ...others } = run.run.settings.roles
  const { coder: earlier = before.default, ...rest } = before
  expect(coder).toEqual({ ...earlier, runtime: { ...earlier?.runtime, model: 'big' } })
  expect(others).toEqual(rest)
})

test('a role that does not work in the run, and a run that is over, are refused with what there is', () => {
  const run = toCode(drive())
  const unknown = run.say('command.model', { ...CODER, role: 'codr' })
  expect(unknown).toMatchObject({ result: 'refused', text: expect.stringContaining('`coder`') })
  run.say('command.stop', { why: '' })
  expect(run.say('command.model', CODER)).toMatchObject({
    result: 'refused',
    text: expect.stringContaining('the run is stopped'),
  })
})
