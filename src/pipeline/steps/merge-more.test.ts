/** Merging through queues, after conflicts and reviews, and in part. */
import { describe, expect, test } from 'vitest'
import { API, aStep, defaultSteps, sha, WEB } from '../../../test/support/core/build.ts'
import { type Drive, drive, mergeNow, openPulls, pushBoth, reportPulls, toMerge } from '../../../test/support/core/drive.ts'
import { aCheck, aFailure, aPull, checksOf, mergedPull, pullSeen } from '../../../test/support/core/results.ts'
import { reportReviews } from '../../../test/support/core/reviews.ts'
import { describeStep } from '../describe.ts'
import type { PullSeen } from '../events.ts'
import { openLegs } from '../state.ts'
import { MAX_THROWN } from './merge.ts'

/** Answers the question before the merge: each leg in its state, everything green. */
function report(
  run: Drive,
  states: Record<string, PullSeen['mergeable']>,
  change: Record<string, Partial<PullSeen>> = {},
): void {
  const open = openLegs(run.run)
  run.send({
    type: 'pulls.reported',
    effect: run.effect('ask-pulls').id,
    pulls: open.map((leg) => pullSeen(leg, states[leg.key] ?? 'clean', change[leg.key] ?? {})),
    checks: open.map(({ key, head }) => checksOf(key, head, [aCheck()])),
  })
}

const merges = (run: Drive) => run.all.filter((effect) => effect.kind === 'merge-pull')
const said = (run: Drive) => describeStep(run.run, run.step('merge'))
const queued = (run: Drive, by: 'queue' | 'auto-merge' = 'queue') => {
  const { id, leg, head } = run.effect('merge-pull')
  run.send({ type: 'merge.queued', effect: id, leg, head, by })
}
const sweep = (run: Drive) => run.send({ type: 'timer.fired', timer: `merge-${run.step('merge').epoch}-sweep` })

describe('[CS-5] merge queues', () => {
  test('a pull request in the queue is waited for; once it is merged the next one follows, after GitHub was asked again', () => {
    const run = reportPulls(toMerge(drive()))
    queued(run)
    expect(run.wait()).toEqual({ for: 'mergeability', until: run.now + 300_000 })
    expect(said(run)).toBe('acme/api is in the merge queue')
    sweep(run)
    report(run, {}, { [API]: { queued: true } })
    expect(said(run)).toBe('acme/api is in the merge queue')
    expect(merges(run)).toHaveLength(1)
    run.send({
      type: 'pull.changed',
      leg: API,
      pull: mergedPull(2),
      head: run.leg(API).head ?? sha('x'),
      by: 'github-merge-queue[bot]',
    })
    expect(merges(run)).toHaveLength(1)
    reportPulls(run)
    expect(run.effect('merge-pull').leg).toBe(WEB)
    mergeNow(run)
    expect(run.run.status).toMatchObject({ state: 'done', outcome: 'merged' })
  })

  test('thrown out it is judged again, and merged again if all is well; not for ever', () => {
    const run = reportPulls(toMerge(drive()))
    for (const time of [1, 2]) {
      queued(run)
      run.send({ type: 'pull.changed', leg: API, pull: aPull(2), head: run.leg(API).head ?? sha('x'), by: 'github' })
      report(run, {}, { [API]: { queued: false } })
      expect(merges(run)).toHaveLength(time + 1)
    }
    queued(run)
    sweep(run)
    report(run, {}, { [API]: { queued: false } })
    expect(run.run.status).toMatchObject({
      state: 'failed',
      failure: { cause: 'ci', message: expect.stringContaining('3 times') },
    })
    run.say('command.retry', {})
    reportPulls(run)
    expect(merges(run)).toHaveLength(4)
  })

  test('thrown out because of a conflict is a conflict', () => {
    const run = reportPulls(toMerge(drive()))
    queued(run)
    sweep(run)
    report(run, { [API]: 'dirty' }, { [API]: { queued: false } })
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'conflict' } })
  })

  test('a head that moves while it is in the queue goes back to who has to see it', () => {
    const run = reportPulls(toMerge(drive()))
    queued(run)
    run.send({ type: 'pull.changed', leg: API, pull: aPull(2), head: sha('by hand'), by: 'bob' })
    report(run, {})
    expect(run.job()).toBe('run1-review-2')
  })

  test.each(['command.stop', 'command.pause'] as const)('a stop and a pause take it out: %s', (type) => {
    const run = reportPulls(toMerge(drive()))
    queued(run)
    if (type === 'command.stop') run.say(type, { why: '' })
    else run.say(type, { why: '', cause: 'person' })
    expect(run.effect('withdraw-merge').legs).toEqual([API])
  })

  test('after a pause it is put in again, and that it was out is not counted as thrown out', () => {
    const run = reportPulls(toMerge(drive()))
    for (let times = 1; times <= MAX_THROWN + 1; times += 1) {
      queued(run)
      run.say('command.pause', { why: '', cause: 'person' })
      run.say('command.resume', {})
      report(run, {}, { [API]: { queued: false } })
      expect(merges(run)).toHaveLength(times + 1)
    }
  })

  test('a stop while the merge call is under way takes it out, should it come to the queue', () => {
    const run = reportPulls(toMerge(drive()))
    run.say('command.stop', { why: '' })
    expect(run.effect('withdraw-merge').legs).toEqual([API])
  })

  test('one leg in the queue is taken out when another one’s new head goes back, so that a stop then is final', () => {
    const run = reportPulls(toMerge(drive()))
    queued(run)
    run.send({ type: 'pull.changed', leg: WEB, pull: aPull(1), head: sha('by hand'), by: 'bob' })
    report(run, {}, { [API]: { queued: true } })
    expect(run.job()).toBe('run1-review-2')
    expect(run.effect('withdraw-merge').legs).toEqual([API])
  })

  test('an answer that does not say whether it is in the queue is no reason to forget it', () => {
    const run = reportPulls(toMerge(drive()))
    queued(run)
    sweep(run)
    report(run, {})
    expect(said(run)).toBe('acme/api is in the merge queue')
    expect(merges(run)).toHaveLength(1)
  })

  test('it is taken out when the step fails, for nobody would look at it any more', () => {
    const run = reportPulls(toMerge(drive()))
    queued(run)
    sweep(run)
    run.send({ type: 'effect.failed', effect: run.effect('ask-pulls').id, failure: aFailure('api') })
    expect(run.run.status.state).toBe('failed')
    expect(run.effect('withdraw-merge').legs).toEqual([API])
  })

  test('skip and restart wait until it is out of the queue', () => {
    const run = reportPulls(toMerge(drive()))
    queued(run)
    expect(run.say('command.restart', { step: run.step('code').id })).toMatchObject({
      result: 'refused',
      text: expect.stringContaining('queue'),
    })
    expect(run.say('command.skip', { step: run.step('merge').id, why: '' }).result).toBe('refused')
  })
})

describe('[CS-5] auto-merge', () => {
  const auto = () => toMerge(drive({ steps: defaultSteps({ merge: { autoMerge: true } }) }))

  test('is switched on once for a head where only GitHub’s own rules are not met yet', () => {
    const run = auto()
    report(run, { [API]: 'blocked' })
    expect(run.effect('merge-pull')).toMatchObject({ leg: API, auto: true })
    queued(run, 'auto-merge')
    expect(said(run)).toBe("acme/api merges when GitHub's rules are met")
    sweep(run)
    report(run, { [API]: 'blocked' }, { [API]: { queued: false } })
    expect(merges(run)).toHaveLength(1)
    expect(run.wait()).toMatchObject({ for: 'mergeability' })
  })

  test('is switched off when the head moves: GitHub would merge what nobody has seen', () => {
    const run = auto()
    report(run, { [API]: 'blocked' })
    queued(run, 'auto-merge')
    run.send({ type: 'pull.changed', leg: API, pull: aPull(2), head: sha('by hand'), by: 'bob' })
    report(run, { [API]: 'blocked' }, { [API]: { queued: true } })
    expect(run.effect('withdraw-merge').legs).toEqual([API])
    expect(run.job()).toBe('run1-review-2')
  })

  test.each(['command.stop', 'command.pause'] as const)('a stop and a pause switch it off: %s', (type) => {
    const run = auto()
    report(run, { [API]: 'blocked' })
    queued(run, 'auto-merge')
    if (type === 'command.stop') run.say(type, { why: '' })
    else run.say(type, { why: '', cause: 'person' })
    expect(run.effect('withdraw-merge').legs).toEqual([API])
  })

  test('is switched on again after a pause', () => {
    const run = auto()
    report(run, { [API]: 'blocked' })
    queued(run, 'auto-merge')
    run.say('command.pause', { why: '', cause: 'person' })
    run.say('command.resume', {})
    report(run, { [API]: 'blocked' }, { [API]: { queued: false } })
    expect(merges(run)).toHaveLength(2)
    expect(run.effect('merge-pull')).toMatchObject({ leg: API, auto: true })
  })

  test('where the repository does not allow it the rules are waited for', () => {
    const run = auto()
    report(run, { [API]: 'blocked' })
    run.send({
      type: 'merge.refused',
      effect: run.effect('merge-pull').id,
      leg: API,
      failure: aFailure('config', 'auto-merge is off'),
    })
    expect(run.wait()).toMatchObject({ for: 'mergeability' })
    sweep(run)
    report(run, { [API]: 'blocked' })
    expect(merges(run)).toHaveLength(1)
  })

  test('not while another leg is not ready, nor without the option', () => {
    const run = auto()
    report(run, { [API]: 'blocked', [WEB]: 'blocked' })
    expect(merges(run)).toEqual([])
    sweep(run)
    report(run, { [WEB]: 'blocked' })
    expect(merges(run)).toEqual([])
    const off = toMerge(drive())
    report(off, { [API]: 'blocked' })
    expect(merges(off)).toEqual([])
  })
})

describe('[CS-5] everybody before the merge has seen the heads that merge', () => {
  test.each([
    ['validate', { kind: 'validate', checks: [], attempts: 1 }],
    ['test', { kind: 'test', report: { greenlight: true, outcomes: [], concerns: [] }, by: 'tester', rounds: 1 }],
    ['review', { kind: 'review', approvedBy: [], batches: 0, answered: 0 }],
  ] as const)('%s', (kind, output) => {
    const steps = [aStep('agent', 'code'), aStep(kind), aStep('merge')]
    const seed = drive({ steps })
    seed.send({ type: 'run.admitted' })
    openPulls(pushBoth(seed))
    // The step is put where it would stand: done, at these heads, with a person asked to merge.
    const heads = seed.run.legs.flatMap(({ key, head }) => (head === null ? [] : [{ leg: key, head }]))
    const at = (seen: typeof heads) => {
      const done = { status: { state: 'done' }, epoch: 1, output: { ...output, heads: seen } }
      const wait = { for: 'person', what: 'merge', escalateAt: seed.now + 1_000_000, escalated: true }
      const data = { phase: 'person', reasons: [], word: null, assessment: null, autos: [], thrown: [] }
      const person = { status: { state: 'active', wait }, epoch: 1, data }
      const [code, step, merge] = seed.run.steps
      const run = drive({ ...seed.run, steps: [{ ...code }, { ...step, ...done }, { ...merge, ...person }] as never })
      run.now = seed.now
      return run
    }
    const stays = at(heads)
    stays.say('command.merge', {})
    report(stays, {})
    expect(merges(stays)).toHaveLength(1)
    const back = at(heads.map(({ leg, head }) => ({ leg, head: leg === WEB ? sha('earlier') : head })))
    back.say('command.merge', {})
    report(back, {})
    expect(merges(back)).toEqual([])
    expect(back.run.steps[1]).toMatchObject({ id: kind, epoch: 2, status: { state: 'active' } })
  })

  test('a review that changes while a person is asked to merge is looked at again first', () => {
    const run = drive({ steps: [aStep('agent', 'code'), aStep('review'), aStep('merge', 'merge', { by: 'person' })] })
    run.send({ type: 'run.admitted' })
    reportReviews(openPulls(pushBoth(run)))
    expect(run.wait()).toMatchObject({ for: 'person', what: 'merge' })
    run.send({ type: 'reviews.changed', leg: WEB })
    expect(run.step('review')).toMatchObject({ epoch: 2, status: { state: 'active' } })
    reportReviews(run)
    run.say('command.merge', {})
    // Also while GitHub is asked before the merge: the answer to that is nobody's then.
    const asked = run.effect('ask-pulls').id
    run.send({ type: 'reviews.changed', leg: WEB })
    const before = run.run
    run.send({ type: 'pulls.reported', effect: asked, pulls: [], checks: [] })
    expect(run.run).toBe(before)
    expect(run.step('review')).toMatchObject({ epoch: 3, status: { state: 'active' } })
  })

  test('a person’s word holds for the heads it was given for', () => {
    const run = drive({ steps: [aStep('agent', 'code'), aStep('merge', 'merge', { by: 'person' })] })
    run.send({ type: 'run.admitted' })
    openPulls(pushBoth(run))
    run.say('command.merge', {})
    report(run, {}, { [WEB]: { head: sha('by hand') } })
    expect(merges(run)).toEqual([])
    expect(run.wait()).toMatchObject({ for: 'person', what: 'merge' })
    run.say('command.merge', {})
    report(run, {})
    expect(merges(run)).toHaveLength(1)
  })

  test('a word holds over a pause', () => {
    const run = toMerge(drive({ settings: { merge: { by: 'person', method: 'squash' } } }))
    run.say('command.merge', {})
    run.say('command.pause', { why: '', cause: 'person' })
    run.say('command.resume', {})
    reportPulls(run)
    expect(merges(run)).toHaveLength(1)
  })
})

test('[CS-3] a pull request that nobody opened, as its step was skipped, is opened before the merge', () => {
  const run = drive({ steps: [aStep('agent', 'code'), aStep('merge')] })
  run.send({ type: 'run.admitted' })
  pushBoth(run)
  run.say('command.skip', { step: run.step('code').id, why: '' })
  expect(run.wait()).toEqual({ for: 'effect', effect: run.effect('open-pulls').id })
  openPulls(run)
  reportPulls(run)
  expect(merges(run)).toHaveLength(1)
})

describe('a conflict', () => {
  const CONFLICTS = [aStep('agent', 'code'), aStep('conflicts'), aStep('merge')]
  const atMerge = () => {
    const run = drive({ steps: CONFLICTS })
    run.send({ type: 'run.admitted' })
    openPulls(pushBoth(run))
    report(run, {})
    expect(run.step('conflicts').status.state).toBe('done')
    return run
  }

  test('[GATE-6] before the merge goes back to the step that resolves conflicts', () => {
    const run = atMerge()
    report(run, { [WEB]: 'dirty' })
    expect(run.step('conflicts')).toMatchObject({ epoch: 2, status: { state: 'active' } })
    expect(run.run.status.state).toBe('active')
  })
})

describe('[CS-6] a merge that fails after others succeeded', () => {
  const half = () => {
    const run = mergeNow(reportPulls(toMerge(drive())))
    const { id } = run.effect('merge-pull')
    run.send({ type: 'merge.refused', effect: id, leg: WEB, failure: aFailure('conflict', 'GitHub refused.') })
    return run
  }

  test('the rest stop, and the run says what is merged', () => {
    const run = half()
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { message: 'GitHub refused. Already merged: acme/api.' } })
    expect(merges(run)).toHaveLength(2)
    expect(run.leg(API).mergedSha).toBe(run.leg(API).head)
    expect(run.leg(WEB).mergedSha).toBeNull()
    expect(said(run)).toBe('1 of 2 merged')
  })

  test('a retry goes on with the rest when the cause is gone; while it is there it waits', () => {
    const run = half()
    run.say('command.retry', {})
    report(run, { [WEB]: 'blocked' })
    expect(run.wait()).toMatchObject({ for: 'mergeability' })
    expect(merges(run)).toHaveLength(2)
    sweep(run)
    report(run, {})
    mergeNow(run)
    expect(run.run.status).toMatchObject({ state: 'done', outcome: 'merged' })
    expect(merges(run).map(({ leg }) => leg)).toEqual([API, WEB, WEB])
  })

  test('a revert is asked for the merged ones only, once, and the run stays as it is', () => {
    const run = half()
    expect(run.say('command.revert', {}).result).toBe('done')
    expect(run.effect('open-reverts').legs).toEqual([API])
    run.send({
      type: 'reverts.opened',
      effect: run.effect('open-reverts').id,
      opened: [{ leg: API, pull: aPull(9) }],
      failed: [],
    })
    expect(run.leg(API).revert?.number).toBe(9)
    const count = run.all.filter(({ kind }) => kind === 'open-reverts').length
    run.say('command.revert', {})
    expect(run.all.filter(({ kind }) => kind === 'open-reverts')).toHaveLength(count)
    expect(run.run.status.state).toBe('failed')
  })
})
