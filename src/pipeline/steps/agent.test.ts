import { describe, expect, test } from 'vitest'
import { API, aStep, DOCS, sha, WEB } from '../../../test/support/core/build.ts'
import { drive, openPulls, pushBoth, toCode, toReview } from '../../../test/support/core/drive.ts'
import {
  aFailure,
  aPull,
  cancelledJob,
  failedJob,
  finished,
  graded,
  noop,
  pushed,
  worked,
} from '../../../test/support/core/results.ts'

describe('in code mode', () => {
  test('[CS-2] opens one pull request per changed leg, and none for an untouched one', () => {
    const run = toCode(drive())
    run.finish(worked([pushed(run.leg(API), sha('api'))]))
    expect(run.effect('open-pulls').legs).toEqual([API])
    openPulls(run)
    expect(run.leg(WEB)).toMatchObject({ head: null, pull: null })
    expect(run.job()).toBe('run1-review-1')
  })

  test('[CS-2] no change anywhere fails as no-changes; a noop with a reason ends the run', () => {
    const idle = toCode(drive())
    idle.finish(worked())
    expect(idle.run.status).toMatchObject({ state: 'failed', failure: { cause: 'no-changes' } })
    const fine = toCode(drive())
    fine.finish(noop())
    expect(fine.run.status).toMatchObject({ state: 'done', outcome: 'nothing-to-do', summary: 'It is there already.' })
  })

  test('a branch that is not ahead of its base is no change', () => {
    const run = toCode(drive())
    run.finish(worked([pushed(run.leg(WEB), sha('base'), { ahead: 0, push: { status: 'unchanged' } })]))
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'no-changes' } })
  })

  test('a leg that may only be read never gets a head', () => {
    const run = toCode(drive())
    run.finish(worked([pushed(run.leg(WEB), sha('web')), pushed(run.leg(DOCS), sha('docs'))]))
    expect(run.leg(DOCS).head).toBeNull()
    expect(run.effect('open-pulls').legs).toEqual([WEB])
  })

  test('a rework that finds nothing to do goes on with what is there', () => {
    const run = toReview(drive())
    run.finish(graded(0.4, ['why?']))
    run.finish(noop([WEB, API].map((key) => pushed(run.leg(key), sha(`${key} one`)))))
    expect(run.step('code').output).toMatchObject({ kind: 'agent', noop: 'It is there already.' })
    expect(run.job()).toBe('run1-review-2')
    expect(run.all.filter(({ kind }) => kind === 'open-pulls')).toHaveLength(1)
  })

  test('a rework that touches another repository opens that pull request only', () => {
    const run = toCode(drive())
    run.finish(worked([pushed(run.leg(WEB), sha('web'))]))
    openPulls(run)
    run.finish(graded(0.4, ['the API too']))
    run.finish(worked([pushed(run.leg(WEB), sha('web')), pushed(run.leg(API), sha('api'))]))
    expect(run.effect('open-pulls').legs).toEqual([API])
  })

  test('a leg that could not be pushed fails the step and is named; the pushed heads are kept', () => {
    const run = toCode(drive())
    const refused = pushed(run.leg(API), sha('old'), { head: null, ahead: 0, push: { status: 'failed', message: 'protected' } })
    run.finish(worked([pushed(run.leg(WEB), sha('web')), refused]))
    expect(run.run.status).toMatchObject({
      state: 'failed',
      failure: { cause: 'git', message: expect.stringContaining('acme__api: protected') },
    })
    expect(run.leg(WEB).head).toBe(sha('web'))
  })

  test('a failed job keeps what it pushed, and fails with its cause', () => {
    const run = toCode(drive())
    run.finish(failedJob('timeout-duration', [pushed(run.leg(WEB), sha('checkpoint'))]))
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'timeout-duration' } })
    expect(run.leg(WEB).head).toBe(sha('checkpoint'))
  })

  test('an answer that opens nothing and names no failure does not count as opened', () => {
    const run = pushBoth(toCode(drive()))
    run.send({ type: 'pulls.opened', effect: run.effect('open-pulls').id, opened: [], failed: [] })
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'internal' } })
  })

  test('an opening that used up its attempts is asked for again by a retry, without another job', () => {
    const run = pushBoth(toCode(drive()))
    run.send({ type: 'effect.failed', effect: run.effect('open-pulls').id, failure: aFailure('api') })
    run.say('command.retry', {})
    expect(run.effect('open-pulls').legs).toEqual([WEB, API])
    expect(run.all.filter(({ kind }) => kind === 'enqueue-job')).toHaveLength(2)
  })
})

test('[RUN-6] held while pull requests are being opened, it opens what is missing and does not code again', () => {
  const run = pushBoth(toCode(drive()))
  run.say('command.pause', { why: '', cause: 'person' })
  const { id } = run.effect('open-pulls')
  run.send({ type: 'pulls.opened', effect: id, opened: [{ leg: WEB, pull: aPull(1), head: sha('web') }], failed: [] })
  run.say('command.resume', {})
  expect(run.effect('open-pulls').legs).toEqual([API])
  openPulls(run)
  expect(run.job()).toBe('run1-review-1')
  expect(run.all.filter((effect) => effect.kind === 'enqueue-job' && effect.role === 'coder')).toHaveLength(1)
})

test('what the configuration gives it to do goes with its job', () => {
  const run = drive({ steps: [aStep('agent', 'code', { assignment: 'Only the docs.' })] })
  run.send({ type: 'run.admitted' })
  expect(run.effect('enqueue-job').assignment).toBe('Only the docs.')
})

test('[STP-1] in explore mode it yields its summary and opens nothing', () => {
  const run = drive({ steps: [aStep('agent', 'look', { mode: 'explore', role: 'investigator' }), aStep('agent', 'code')] })
  run.send({ type: 'run.admitted' })
  expect(run.effect('enqueue-job')).toMatchObject({ role: 'investigator', mode: 'explore' })
  run.finish(worked())
  expect(run.step('look').output).toMatchObject({ kind: 'agent', mode: 'explore', summary: 'Did it.' })
  expect(run.job()).toBe('run1-code-1')
  expect(run.all.some(({ kind }) => kind === 'open-pulls')).toBe(false)
})

test.each([
  ['the agent’s own word', finished({ status: 'failed', nonce: '0123456789abcdef', summary: 'no' }), 'agent'],
  ['a cancelled job', cancelledJob(), 'evicted'],
])('%s fails the step', (_what, result, cause) => {
  const run = toCode(drive())
  run.finish(result)
  expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause } })
})

test('usage is summed over attempts; what is not told stays unknown', () => {
  const run = toReview(drive())
  run.finish(graded(0.4, ['why?']))
  pushBoth(run, 'two')
  expect(run.step('code').usage).toEqual({ inputTokens: 20 })
})
