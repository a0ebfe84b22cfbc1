import { describe, expect, test } from 'vitest'
import { API, aStep, sha, WEB } from '../../../test/support/core/build.ts'
import {
  type Drive,
  drive,
  mergeNow,
  openPulls,
  pushBoth,
  reportChecks,
  reportPulls,
  toCi,
  toMerge,
} from '../../../test/support/core/drive.ts'
import { aCheck, aFailure, aPull, checksOf, graded, pullSeen } from '../../../test/support/core/results.ts'
import type { PullSeen } from '../events.ts'
import { openLegs } from '../state.ts'

const byPerson = { settings: { merge: { by: 'person', method: 'rebase' } } } as const

function report(
  run: Drive,
  mergeable: PullSeen['mergeable'],
  pulls: Partial<PullSeen> = {},
  conclusion: 'success' | 'failure' | 'pending' = 'success',
): void {
  const open = openLegs(run.run)
  run.send({
    type: 'pulls.reported',
    effect: run.effect('ask-pulls').id,
    pulls: open.map((leg) => pullSeen(leg, mergeable, leg.key === WEB ? pulls : {})),
    checks: open.map((leg) => checksOf(leg.key, leg.key === WEB ? (pulls.head ?? leg.head) : leg.head, [aCheck(conclusion)])),
  })
}

describe('[STP-13] [CS-5] the change set merges in its order', () => {
  test('everything is asked for at the same moment before the first merge', () => {
    const run = toMerge(drive())
    expect(run.effect('ask-pulls').legs).toEqual([API, WEB])
    expect(run.all.some(({ kind }) => kind === 'merge-pull')).toBe(false)
  })

  test('one after the other, each with its head and the chosen method', () => {
    const run = reportPulls(toMerge(drive()))
    const merges = () => run.all.filter((effect) => effect.kind === 'merge-pull')
    expect(merges()).toHaveLength(1)
    mergeNow(run)
    expect(merges().map(({ leg, head, method }) => ({ leg, head, method }))).toEqual([
      { leg: API, head: run.leg(API).head, method: 'squash' },
      { leg: WEB, head: run.leg(WEB).head, method: 'squash' },
    ])
  })

  test.each(['unknown', 'blocked', 'behind', 'draft'] as const)(
    'nothing merges while one is %s; GitHub is asked again',
    (state) => {
      const run = toMerge(drive())
      report(run, state)
      expect(run.wait()).toEqual({ for: 'mergeability', until: run.now + 1_000 })
      run.send({ type: 'timer.fired', timer: 'merge-1-sweep' })
      expect(run.all.filter(({ kind }) => kind === 'ask-pulls')).toHaveLength(2)
      expect(run.all.some(({ kind }) => kind === 'merge-pull')).toBe(false)
    },
  )

  test('after ten quick questions the slow sweep takes over', () => {
    const run = toMerge(drive())
    for (let ask = 0; ask < 10; ask += 1) {
      report(run, 'blocked')
      run.send({ type: 'timer.fired', timer: 'merge-1-sweep' })
    }
    report(run, 'blocked')
    expect(run.wait()).toEqual({ for: 'mergeability', until: run.now + 300_000 })
  })

  test.each(['unstable', 'has_hooks'] as const)('%s merges', (state) => {
    const run = toMerge(drive())
    report(run, state)
    expect(run.effect('merge-pull').leg).toBe(API)
  })

  test('a conflict fails the step and names the repository', () => {
    const run = toMerge(drive())
    report(run, 'dirty')
    expect(run.run.status).toMatchObject({
      state: 'failed',
      failure: { cause: 'conflict', message: expect.stringContaining('acme/') },
    })
  })

  test('checks that turned red send the run back to its gate; unfinished ones are waited for', () => {
    const back = toMerge(drive())
    report(back, 'clean', {}, 'failure')
    expect(back.effect('ask-checks').id).toBe(back.wait()?.for === 'effect' ? (back.wait() as { effect: string }).effect : '')
    expect(back.step('ci')).toMatchObject({ epoch: 2, status: { state: 'active' } })
    const waits = toMerge(drive())
    report(waits, 'clean', {}, 'pending')
    expect(waits.wait()).toMatchObject({ for: 'mergeability' })
  })

  test('an answer without the checks of a leg is not taken for green', () => {
    const run = toMerge(drive())
    const open = openLegs(run.run)
    run.send({
      type: 'pulls.reported',
      effect: run.effect('ask-pulls').id,
      pulls: open.map((leg) => pullSeen(leg)),
      checks: [],
    })
    expect(run.wait()).toMatchObject({ for: 'mergeability' })
  })
})

describe('nothing merges that was not reviewed and checked at exactly this head', () => {
  test('a head that moved before the first merge goes back to the companion', () => {
    const run = toMerge(drive())
    report(run, 'clean', { head: sha('by hand') })
    expect(run.job()).toBe('run1-review-2')
  })

  test('a head that moved between two merges goes back too; what is merged stays merged', () => {
    const run = reportPulls(toMerge(drive()))
    run.send({ type: 'pull.changed', leg: WEB, pull: aPull(1), head: sha('by hand'), by: 'bob' })
    mergeNow(run)
    expect(run.job()).toBe('run1-review-2')
    run.finish(graded(1))
    expect(run.effect('ask-checks').legs).toEqual([{ leg: WEB, head: sha('by hand') }])
    reportChecks(run)
    reportPulls(run)
    expect(run.effect('merge-pull')).toMatchObject({ leg: WEB, head: sha('by hand') })
    mergeNow(run)
    expect(run.run.status).toMatchObject({ state: 'done', outcome: 'merged' })
  })

  test('without a companion it goes back to the gate', () => {
    const run = drive({ steps: [aStep('agent', 'code'), aStep('ci'), aStep('merge')] })
    run.send({ type: 'run.admitted' })
    openPulls(pushBoth(run))
    reportChecks(run)
    report(run, 'clean', { head: sha('by hand') })
    expect(run.step('ci')).toMatchObject({ epoch: 2, status: { state: 'active' } })
  })

  test('an earlier explore step with a companion of its own is not asked about heads', () => {
    const steps = [
      aStep('agent', 'look', { mode: 'explore' }),
      aStep('companion', 'judge'),
      aStep('agent', 'code'),
      aStep('merge'),
    ]
    const run = drive({ steps })
    run.send({ type: 'run.admitted' })
    run.finish({ ...graded(1), notes: [] })
    run.finish(graded(1))
    openPulls(pushBoth(run))
    reportPulls(run)
    expect(run.effect('merge-pull').leg).toBe(API)
  })
})

describe('a merge that is refused', () => {
  test('stops the rest and says what is merged; a retry goes on with what is left', () => {
    const run = mergeNow(reportPulls(toMerge(drive())))
    run.send({
      type: 'merge.refused',
      effect: run.effect('merge-pull').id,
      leg: WEB,
      failure: aFailure('conflict', 'GitHub refused.'),
    })
    expect(run.run.status).toMatchObject({
      state: 'failed',
      failure: { cause: 'conflict', message: 'GitHub refused. Already merged: acme/api.' },
    })
    run.say('command.retry', {})
    expect(run.effect('ask-pulls').legs).toEqual([WEB])
    reportPulls(run)
    mergeNow(run)
    expect(run.run.status).toMatchObject({ state: 'done', outcome: 'merged' })
  })

  test('because somebody pushed goes back to who has to see it', () => {
    const run = reportPulls(toMerge(drive()))
    run.send({ type: 'pull.changed', leg: API, pull: aPull(2), head: sha('by hand'), by: 'bob' })
    run.send({ type: 'merge.refused', effect: run.effect('merge-pull').id, leg: API, failure: aFailure('conflict') })
    expect(run.job()).toBe('run1-review-2')
  })

  test('[RUN-8] a pull request that somebody closed holds the run, and asks what to do', () => {
    const run = toMerge(drive())
    report(run, 'clean', { pull: aPull(1, { state: 'closed' }) })
    expect(run.run.status).toMatchObject({
      state: 'paused',
      cause: 'pull-closed',
      why: expect.stringContaining('acme/web#1'),
    })
  })
})

describe('when a person merges', () => {
  test('[CS-1] drafts are taken out of draft before anybody is asked, once', () => {
    const run = toCi(drive(byPerson))
    run.send({
      type: 'pull.changed',
      leg: WEB,
      pull: aPull(1, { draft: true }),
      head: run.leg(WEB).head ?? sha('?'),
      by: 'bob',
    })
    reportChecks(run)
    expect(run.effect('ask-pulls')).toMatchObject({ ready: true })
    expect(run.wait()).toMatchObject({ for: 'effect' })
    // Whatever GitHub makes of it: a person is asked now, and not GitHub again.
    reportPulls(run)
    expect(run.wait()).toMatchObject({ for: 'person', what: 'merge' })
    expect(run.all.filter(({ kind }) => kind === 'ask-pulls')).toHaveLength(1)
  })

  test('the run waits for the word, and escalates', () => {
    const run = toMerge(drive(byPerson))
    expect(run.wait()).toMatchObject({ for: 'person', what: 'merge', escalated: false })
    run.say('command.merge', {})
    reportPulls(run)
    expect(run.effect('merge-pull').method).toBe('rebase')
  })

  test('the step’s own option goes before the configuration’s', () => {
    const run = toMerge(
      drive({
        ...byPerson,
        steps: [
          aStep('plan'),
          aStep('approval'),
          aStep('agent', 'code'),
          aStep('companion', 'review'),
          aStep('ci'),
          aStep('merge', 'merge', { by: 'auto' }),
        ],
      }),
    )
    expect(run.wait()).toMatchObject({ for: 'effect' })
  })

  test('one merged by hand is no word for the others', () => {
    const run = toCi(drive(byPerson))
    const merged = aPull(2, { state: 'merged', draft: false })
    run.send({ type: 'pull.changed', leg: API, pull: merged, head: run.leg(API).head ?? sha('x'), by: 'bob' })
    reportChecks(run)
    reportChecks(run)
    expect(run.wait()).toMatchObject({ for: 'person', what: 'merge' })
  })

  test('changes go back to the coder', () => {
    const run = toMerge(drive(byPerson))
    run.say('command.changes', { text: 'use cents' })
    expect(run.job()).toBe('run1-code-2')
  })
})
