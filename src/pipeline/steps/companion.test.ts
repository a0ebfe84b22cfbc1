import { describe, expect, test } from 'vitest'
import { API, defaultSteps, sha, WEB } from '../../../test/support/core/build.ts'
import { type Drive, drive, pushBoth, reportChecks, toMerge, toReview } from '../../../test/support/core/drive.ts'
import { aCheck, aPull, failedJob, graded, noop, pushed, worked } from '../../../test/support/core/results.ts'

const reviewing = (options = {}) => toReview(drive({ steps: defaultSteps({ review: options }) }))
const rework = (run: Drive, name: string) => pushBoth(run, name)

describe('[STP-7] grading', () => {
  test('a first grading with any comment sends the producer back, whatever the rating', () => {
    const run = reviewing()
    run.finish(graded(1, ['a typo']))
    expect(run.job()).toBe('run1-code-2')
    expect(run.step('code').feedback).toMatchObject([{ from: 'companion', text: expect.stringContaining('a typo') }])
  })

  test('a first grading without a comment and with a good rating accepts', () => {
    const run = reviewing()
    run.finish(graded(0.8))
    expect(run.step('review').output).toMatchObject({ kind: 'companion', by: 'rating', reworks: 0 })
  })

  test('a first grading without a comment and below the threshold sends back', () => {
    const run = reviewing()
    run.finish(graded(0.79))
    expect(run.job()).toBe('run1-code-2')
  })

  test.each([
    [0.8, 'run1-ci-0', 'accepts'],
    [0.79, 'run1-code-3', 'sends back'],
  ])('later the threshold decides, comments or not: %d', (rating, next, _what) => {
    const run = reviewing()
    run.finish(graded(0.5, ['no']))
    rework(run, 'two')
    run.finish(graded(rating, ['still a typo']))
    if (next === 'run1-ci-0') expect(run.step('ci').status.state).toBe('active')
    else expect(run.job()).toBe(next)
  })

  test('after three reworks a person decides', () => {
    const run = reviewing()
    for (const name of ['two', 'three', 'four']) {
      run.finish(graded(0.1, ['no']))
      rework(run, name)
    }
    run.finish(graded(0.1, ['no']))
    expect(run.wait()).toMatchObject({ for: 'person', what: 'cap' })
    expect(run.step('code').epoch).toBe(4)
  })

  test.each([
    ['without a verdict', worked()],
    ['that says noop', noop()],
  ])('a report %s fails the step; it never passes', (_what, result) => {
    const run = reviewing()
    run.finish(result)
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'no-usable-output' } })
    expect(run.leg(WEB).reviewedSha).toBeNull()
  })

  test('a failed job costs no grading: after a retry the first rule still holds', () => {
    const run = reviewing()
    run.finish(failedJob('model'))
    run.say('command.retry', {})
    run.finish(graded(1, ['a typo']))
    expect(run.job()).toBe('run1-code-2')
  })
})

describe('[STP-7] at the cap', () => {
  const atCap = () => {
    const run = reviewing({ reworks: 0 })
    run.finish(graded(0.2, ['no']))
    return run
  }

  test('an extra round is one rework more, and no further', () => {
    const run = atCap()
    run.say('command.extra-round', {})
    rework(run, 'two')
    run.finish(graded(0.2, ['no']))
    expect(run.wait()).toMatchObject({ for: 'person', what: 'cap' })
    expect(run.step('review').data).toMatchObject({ reworks: 1, granted: 1 })
  })

  test('proceed accepts what was graded, by the person’s word', () => {
    const run = atCap()
    run.say('command.proceed', {})
    expect(run.step('review').output).toMatchObject({ kind: 'companion', by: 'person' })
    expect(run.leg(API).reviewedSha).toBe(run.leg(API).head)
  })

  test('changes asked for by a person go to the producer and cost no rework', () => {
    const run = atCap()
    run.say('command.changes', { text: 'use cents' })
    expect(run.step('code').feedback).toEqual([{ from: 'person', by: 'alice', text: 'use cents' }])
    expect(run.step('review').data).toMatchObject({ reworks: 0 })
  })

  test('stop ends the run', () => {
    const run = atCap()
    run.say('command.stop', { why: '' })
    expect(run.run.status.state).toBe('stopped')
  })
})

describe('[REP-6] a verdict binds to the heads it was given for', () => {
  test('proceeding does not accept a head that came after the grading', () => {
    const run = reviewing({ reworks: 0 })
    run.finish(graded(0.2, ['no']))
    const graded1 = run.leg(WEB).head
    run.send({ type: 'pull.changed', leg: WEB, pull: aPull(1), head: sha('by hand'), by: 'bob' })
    run.say('command.proceed', {})
    expect(run.leg(WEB)).toMatchObject({ head: sha('by hand'), reviewedSha: graded1 })
    reportChecks(run)
    expect(run.job()).toBe('run1-review-2')
  })

  test('what it accepted already is not graded again on a way back through it', () => {
    const run = toMerge(drive({ settings: { merge: { by: 'person', method: 'squash' } } }))
    run.say('command.changes', { text: 'no need, really' })
    run.finish(noop([WEB, API].map((key) => pushed(run.leg(key), sha(`${key} one`)))))
    expect(run.step('review')).toMatchObject({ epoch: 2, status: { state: 'done' } })
    expect(run.all.filter((effect) => effect.kind === 'enqueue-job' && effect.role === 'reviewer')).toHaveLength(1)
    reportChecks(run, [aCheck()])
    expect(run.wait()).toMatchObject({ for: 'person', what: 'merge' })
  })
})
