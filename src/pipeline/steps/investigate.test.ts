import { expect, test } from 'vitest'
import { aStep, stepId } from '../../../test/support/core/build.ts'
import { drive } from '../../../test/support/core/drive.ts'
import { diagnosed, pauseAndResume } from '../../../test/support/core/explored.ts'
import { failedJob, graded, noop, worked } from '../../../test/support/core/results.ts'
import { describeStep } from '../describe.ts'

const investigating = (...more: ReturnType<typeof aStep>[]) => {
  const run = drive({ steps: [aStep('investigate'), ...more, aStep('agent', 'code')] })
  run.send({ type: 'run.admitted' })
  return run
}

test('[STP-5] an investigator explores and yields a diagnosis with its evidence', () => {
  const run = investigating()
  expect(run.effect('enqueue-job')).toMatchObject({ role: 'investigator', mode: 'explore' })
  run.finish(diagnosed())
  expect(run.step('investigate').output).toMatchObject({
    kind: 'diagnosis',
    diagnosis: { cause: 'The tax is added twice.', evidence: [{ text: 'here', path: 'src/cart.js', line: 3 }] },
  })
  expect(describeStep(run.run, run.step('investigate'))).toBe('cause found, confidence 0.9')
  expect(run.job()).toBe('run1-code-1')
})

test('success without a diagnosis is none; a bug that is none ends the run', () => {
  const empty = investigating()
  empty.finish(worked())
  expect(empty.run.status).toMatchObject({ state: 'failed', failure: { cause: 'no-usable-output' } })
  const none = investigating()
  none.finish(noop())
  expect(none.run.status).toMatchObject({ state: 'done', outcome: 'nothing-to-do', summary: 'It is there already.' })
})

test('[STP-7] its companion sends it back with remarks; a noop then leaves the diagnosis as it is', () => {
  const run = investigating(aStep('companion', 'check'))
  run.finish(diagnosed())
  run.finish(graded(0.5, ['where is the proof?']))
  expect(run.job()).toBe('run1-investigate-2')
  expect(run.step('investigate').feedback).toMatchObject([{ from: 'companion', text: expect.stringContaining('the proof') }])
  run.finish(noop())
  expect(run.step('investigate').output).toMatchObject({ diagnosis: { cause: 'The tax is added twice.' } })
  run.finish(graded(0.9))
  expect(run.job()).toBe('run1-code-1')
})

test('[RUN-5] it is asked again by a retry, after a pause and by a restart, and can be skipped with its companion', () => {
  const run = investigating(aStep('companion', 'check'))
  run.finish(failedJob('model'))
  run.say('command.retry', {})
  pauseAndResume(run)
  run.say('command.restart', { step: stepId('investigate') })
  expect(run.job()).toBe('run1-investigate-4')
  run.say('command.skip', { step: stepId('investigate'), why: 'known' })
  expect(run.effect('cancel-job').job).toBe('run1-investigate-4')
  expect(run.step('check').status.state).toBe('skipped')
  expect(run.job()).toBe('run1-code-1')
})
