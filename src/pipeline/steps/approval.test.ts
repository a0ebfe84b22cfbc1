import { expect, test } from 'vitest'
import { aStep } from '../../../test/support/core/build.ts'
import { type Drive, drive, toApproval } from '../../../test/support/core/drive.ts'
import { aPlan, planned } from '../../../test/support/core/results.ts'
import { describeStep } from '../describe.ts'

const hashOf = (run: Drive) => {
  const { output } = run.step('plan')
  return output?.kind === 'plan' ? output.hash : ''
}

test('[STP-8] shows the plan’s hash and takes an approval of exactly this one, with what the approver wrote', () => {
  const run = toApproval(drive())
  expect(describeStep(run.run, run.step('approval'))).toBe(`plan ${hashOf(run)}`)
  expect(run.say('command.approve', { hash: hashOf(run), text: 'keep the old field' }).result).toBe('done')
  expect(run.step('approval').output).toEqual({ kind: 'approval', hash: hashOf(run), by: 'alice', text: 'keep the old field' })
  expect(run.job()).toBe('run1-code-1')
})

test.each([null, 'abcdef0'])('[STP-8] an approval of %s is refused with the current hash', (hash) => {
  const run = toApproval(drive())
  expect(run.say('command.approve', { hash, text: null })).toMatchObject({
    result: 'refused',
    text: expect.stringContaining(`approve ${hashOf(run)}`),
  })
  expect(run.step('approval').status.state).toBe('active')
})

test('[STP-8] changes re-run the planner with the words and the earlier plan; the old hash is void then', () => {
  const run = toApproval(drive())
  const old = hashOf(run)
  run.say('command.changes', { text: 'use cents' })
  expect(run.step('plan').feedback).toEqual([
    { from: 'person', by: 'alice', text: 'use cents', earlier: expect.stringContaining('The API says the tax') },
  ])
  run.finish(planned(aPlan({ summary: 'In cents.' })))
  expect(run.say('command.approve', { hash: old, text: null }).result).toBe('refused')
  expect(run.say('command.approve', { hash: hashOf(run), text: null }).result).toBe('done')
  expect(run.step('plan').feedback).toEqual([])
})

test('[STP-8] a rejection ends the run with cause rejected', () => {
  const run = toApproval(drive())
  run.say('command.reject', { why: 'too large' })
  expect(run.run.status).toMatchObject({
    state: 'failed',
    failure: { cause: 'rejected', message: expect.stringContaining('too large') },
  })
})

test('without a plan before it there is nothing to approve: a fault of the configuration', () => {
  const run = drive({ steps: [aStep('approval')] })
  run.send({ type: 'run.admitted' })
  expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'config' } })
})
