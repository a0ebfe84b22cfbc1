import { describe, expect, test } from 'vitest'
import { API, aRun, aStep, sha, WEB } from '../../test/support/core/build.ts'
import {
  drive,
  mergeNow,
  openPulls,
  pushBoth,
  reportChecks,
  reportPulls,
  toApproval,
  toCi,
  toCode,
  toMerge,
} from '../../test/support/core/drive.ts'
import { aCheck, aFailure, aPull, mergedPull, planned, pushed, worked } from '../../test/support/core/results.ts'
import { decide } from './decide.ts'
import type { RunEvent } from './events.ts'

describe('the way through', () => {
  test('a run goes from its admission to its merges, providers first, each at its head', () => {
    const run = drive()
    toMerge(run)
    reportPulls(run)
    expect(run.effect('merge-pull')).toMatchObject({ leg: API, head: run.leg(API).head, method: 'squash' })
    mergeNow(run)
    expect(run.effect('merge-pull')).toMatchObject({ leg: WEB, head: run.leg(WEB).head })
    mergeNow(run)
    expect(run.run.status).toMatchObject({ state: 'done', outcome: 'merged' })
    expect(run.last.effects.map(({ kind }) => kind)).toEqual(['finish-issue', 'show'])
    expect(run.all.filter(({ kind }) => kind === 'open-pulls')).toHaveLength(1)
    expect(run.all.filter(({ kind }) => kind === 'enqueue-job')).toHaveLength(3)
  })

  test('a pipeline without a merge ends ready', () => {
    const run = drive({ steps: [aStep('agent', 'code')] })
    run.send({ type: 'run.admitted' })
    openPulls(pushBoth(run))
    expect(run.run.status).toMatchObject({ state: 'done', outcome: 'ready', summary: 'Did it.' })
  })

  test('steps that are switched off are passed over', () => {
    const run = drive({ steps: [aStep('plan', 'plan', { enabled: false }), aStep('agent', 'code')] })
    run.send({ type: 'run.admitted' })
    expect(run.job()).toBe('run1-code-1')
    expect(run.step('plan').status.state).toBe('skipped')
  })

  test('an admission counts once', () => {
    const run = drive()
    run.send({ type: 'run.admitted' })
    const before = run.run
    run.send({ type: 'run.admitted' })
    expect(run.run).toBe(before)
  })
})

describe('results count once, and only for who asked', () => {
  test('a doubled result changes nothing', () => {
    const run = drive()
    run.send({ type: 'run.admitted' })
    const event: RunEvent = { type: 'job.finished', job: run.job(), result: planned() }
    run.send(event)
    const before = run.run
    expect(run.send(event)).toEqual({ run: before, effects: [], timers: [], facts: [] })
    expect(run.run).toBe(before)
  })

  test('a late result of an earlier attempt changes nothing, and its usage is not counted', () => {
    const run = toCode(drive())
    const late = run.job()
    run.say('command.restart', { step: run.step('code').id })
    const before = run.run
    run.send({ type: 'job.finished', job: late, result: worked([pushed(run.leg(WEB), sha('late'))]) })
    expect(run.run).toBe(before)
    expect(run.leg(WEB).head).toBeNull()
  })

  test('a lost job fails its step as evicted; one that nobody waits for is ignored', () => {
    const run = toCode(drive())
    const before = run.run
    run.send({ type: 'job.lost', job: run.job().replace('-1', '-9') as never, why: 'gone' })
    expect(run.run).toBe(before)
    run.send({ type: 'job.lost', job: run.job(), why: 'gone' })
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'evicted' } })
  })

  test('a late answer to an earlier question is nobody’s', () => {
    const run = pushBoth(toCode(drive()))
    const { id, legs } = run.effect('open-pulls')
    run.send({ type: 'effect.failed', effect: id, failure: aFailure('api') })
    run.say('command.retry', {})
    const { steps } = run.run
    run.send({
      type: 'pulls.opened',
      effect: id,
      opened: [{ leg: WEB, pull: aPull(1), head: sha('web one') }],
      failed: [{ leg: legs[1] ?? API, failure: aFailure('api') }],
    })
    expect(run.run.steps).toEqual(steps)
    expect(run.leg(WEB).pull?.number).toBe(1)
  })

  test('a late report of pull requests does not take a head back', () => {
    const run = reportPulls(toMerge(drive()))
    const { id } = run.effect('ask-pulls')
    const leg = run.leg(WEB)
    const late: RunEvent = {
      type: 'pulls.reported',
      effect: id,
      pulls: [{ leg: WEB, pull: aPull(1), head: sha('old'), base: 'main', mergeable: 'clean' }],
      checks: [],
    }
    const before = run.run
    run.send(late)
    expect(run.run).toBe(before)
    expect(run.leg(WEB)).toEqual(leg)
  })
})

describe('effects that fail', () => {
  test('the step that waits for it fails with its cause', () => {
    const run = toCi(drive())
    run.send({ type: 'effect.failed', effect: run.effect('ask-checks').id, failure: aFailure('rate-limit') })
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'rate-limit' } })
  })

  test('a job that could not be enqueued fails its step', () => {
    const run = toCode(drive())
    run.send({ type: 'effect.failed', effect: run.effect('enqueue-job').id, failure: aFailure('dispatch') })
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'dispatch' } })
  })

  test('a failed show goes into the history and asks for no other show', () => {
    const run = toApproval(drive())
    const { steps } = run.run
    run.send({ type: 'effect.failed', effect: run.effect('show').id, failure: aFailure('api') })
    expect(run.last).toMatchObject({ effects: [], timers: [], facts: [{ what: 'effect.failed' }] })
    expect(run.run.steps).toEqual(steps)
  })

  test('what failed for another run is ignored', () => {
    const run = toApproval(drive())
    const before = run.run
    run.send({ type: 'effect.failed', effect: 'run2-4-show', failure: aFailure('api') })
    expect(run.run).toBe(before)
  })
})

describe('a wait for a person', () => {
  const escalate: RunEvent = { type: 'timer.fired', timer: 'approval-1-escalate' }

  test('escalates once, and never ends by itself', () => {
    const run = toApproval(drive())
    run.now += 7_200_000
    run.send(escalate)
    expect(run.wait()).toMatchObject({ for: 'person', escalated: true })
    const before = run.run
    run.now += 7_200_000
    run.send(escalate)
    expect(run.run).toBe(before)
    expect(before.status.state).toBe('active')
  })

  test('a firing before its time sets the timer again instead', () => {
    const run = toApproval(drive())
    run.send(escalate)
    expect(run.wait()).toMatchObject({ escalated: false })
    expect(run.last.timers).toHaveLength(1)
    expect(run.last.effects).toEqual([])
  })
})

describe('what GitHub and people do to the legs', () => {
  const byPerson = { settings: { merge: { by: 'person', method: 'squash' } } } as const

  test('a push by a person is the run’s own head from then on, and must be reviewed and checked', () => {
    const run = toMerge(drive(byPerson))
    run.send({ type: 'pull.changed', leg: WEB, pull: aPull(1), head: sha('by hand'), by: 'bob' })
    expect(run.leg(WEB).head).toBe(sha('by hand'))
    expect(run.wait()).toEqual({ for: 'job', job: 'run1-review-2' })
  })

  test('checkpoints of a job at work do not move the head; its result does', () => {
    const run = toCode(drive())
    run.send({ type: 'pull.changed', leg: WEB, pull: aPull(1), head: sha('checkpoint'), by: 'switchyard[bot]' })
    expect(run.leg(WEB).head).toBeNull()
    pushBoth(run)
    expect(run.leg(WEB).head).toBe(sha(`${WEB} one`))
  })

  test('merged by a person counts as merged, whatever comes later', () => {
    const run = toMerge(drive(byPerson))
    const at = run.leg(API).head ?? sha('none')
    run.send({ type: 'pull.changed', leg: API, pull: mergedPull(2), head: at, by: 'bob' })
    run.send({ type: 'pull.changed', leg: API, pull: aPull(2), head: sha('late'), by: 'bob' })
    expect(run.leg(API)).toMatchObject({ head: at, mergedSha: at, pull: { state: 'merged' } })
    run.send({ type: 'pull.changed', leg: WEB, pull: mergedPull(1), head: run.leg(WEB).head ?? at, by: 'bob' })
    expect(run.run.status).toMatchObject({ state: 'done', outcome: 'merged' })
  })

  test('a gate leaves out what a person merged already', () => {
    const run = reportChecks(toCi(drive()), [aCheck('pending')])
    run.send({ type: 'pull.changed', leg: API, pull: mergedPull(2), head: run.leg(API).head ?? sha('x'), by: 'bob' })
    expect(run.effect('ask-checks').legs.map(({ leg }) => leg)).toEqual([WEB])
  })

  test('an event about a leg that the run does not have changes nothing', () => {
    const run = aRun()
    const event: RunEvent = { type: 'pull.changed', leg: 'other__x' as never, pull: aPull(1), head: sha('x'), by: 'bob' }
    expect(decide(run, event, 1).run).toBe(run)
  })
})
