import { describe, expect, test } from 'vitest'
import { drive, toApproval, toCode } from '../../test/support/core/drive.ts'
import { cancelledJob, failedJob, worked } from '../../test/support/core/results.ts'
import { MESSAGE_MAX_CHARS } from './tell.ts'

function told() {
  const run = toCode(drive())
  const job = run.job()
  expect(run.say('command.tell', { text: 'Use Money.' })).toMatchObject({ result: 'done' })
  return { run, job }
}

describe('[CMD-12] tell', () => {
  test('stops the job with its work kept, and goes on in the same session with the message once it has ended', () => {
    const { run, job } = told()
    expect(run.effect('cancel-job')).toMatchObject({ job, keep: true })
    expect(run.step('code').status).toMatchObject({ state: 'active', wait: { for: 'job', job } })
    run.send({ type: 'job.finished', job, result: cancelledJob() })
    expect(run.job()).toBe('run1-code-2')
    expect(run.effect('enqueue-job')).toMatchObject({ session: 'same' })
    expect(run.step('code').feedback).toEqual([{ from: 'person', by: 'alice', text: 'Use Money.' }])
    expect(run.step('code').told).toBeUndefined()
    // From here on it is a job like any other.
    run.send({ type: 'job.finished', job: run.job(), result: failedJob('config') })
    expect(run.run.status.state).toBe('failed')
  })

  test.each([
    ['it ended well before it heard of it', () => worked()],
    ['it failed', () => failedJob('agent')],
  ])('*told at the end*: %s, and the step works again with the message', (_how, result) => {
    const { run, job } = told()
    run.send({ type: 'job.finished', job, result: result() })
    expect(run.job()).toBe('run1-code-2')
    expect(run.step('code').retries).toEqual({ own: 0, infrastructure: 0 })
  })

  test('*told and lost*: the job never comes back, and the step works again with the message', () => {
    const { run, job } = told()
    run.send({ type: 'job.lost', job, why: 'gone' })
    expect(run.job()).toBe('run1-code-2')
  })

  test('two messages before the job has ended are heard together, and it is stopped once', () => {
    const { run, job } = told()
    run.say('command.tell', { text: 'And euros.' })
    expect(run.last.effects.map(({ kind }) => kind)).not.toContain('cancel-job')
    run.send({ type: 'job.finished', job, result: cancelledJob() })
    expect(run.step('code').feedback.map(({ text }) => text)).toEqual(['Use Money.', 'And euros.'])
  })

  test('a stop and a pause come before the message; resume goes on with it', () => {
    const stopped = told()
    stopped.run.say('command.stop', { why: '' })
    stopped.run.send({ type: 'job.finished', job: stopped.job, result: cancelledJob() })
    expect(stopped.run.run.status.state).toBe('stopped')
    const { run, job } = told()
    run.say('command.pause', { why: '', cause: 'person' })
    run.send({ type: 'job.finished', job, result: cancelledJob() })
    expect(run.run.status.state).toBe('paused')
    expect(run.say('command.tell', { text: 'More.' })).toMatchObject({
      result: 'refused',
      text: expect.stringContaining('resume'),
    })
    run.say('command.resume', {})
    expect(run.job()).toBe('run1-code-2')
    expect(run.step('code').feedback).toHaveLength(1)
  })

  test('is refused with the reason where no agent is at work, and where it is too long', () => {
    expect(toApproval(drive()).say('command.tell', { text: 'x' })).toMatchObject({
      result: 'refused',
      text: expect.stringContaining('No agent is at work'),
    })
    expect(toCode(drive()).say('command.tell', { text: 'x'.repeat(MESSAGE_MAX_CHARS + 1) })).toMatchObject({
      result: 'refused',
      text: expect.stringContaining('20000 at most'),
    })
  })
})
