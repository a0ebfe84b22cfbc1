/** What people do to pull requests and branches while a run works on them (RUN-8). */
import { describe, expect, test } from 'vitest'
import { API, aStep, sha, stepId, WEB } from '../../test/support/core/build.ts'
import {
  type Drive,
  drive,
  mergeNow,
  openPulls,
  pushBoth,
  reportChecks,
  reportPulls,
  toCi,
  toCode,
  toMerge,
  toReview,
} from '../../test/support/core/drive.ts'
import {
  aCheck,
  aFailure,
  aPull,
  checksOf,
  failedJob,
  graded,
  mergedPull,
  pullSeen,
  pushed,
  worked,
} from '../../test/support/core/results.ts'
import { ready, reportReviews, reviewOf } from '../../test/support/core/reviews.ts'
import type { LegKey } from '../contract/ids.ts'
import type { PullRequest } from './model.ts'
import { openLegs, shownState } from './state.ts'

function change(run: Drive, leg: LegKey, state: PullRequest['state'], head = run.leg(leg).head ?? sha('x')): void {
  run.send({ type: 'pull.changed', leg, pull: aPull(leg === WEB ? 1 : 2, { state }), head, by: 'bob' })
}

const facts = (run: Drive) => run.last.facts.map(({ what }) => what)
const held = (run: Drive) => {
  expect(run.run.status).toMatchObject({
    state: 'paused',
    cause: 'pull-closed',
    by: 'bob',
    why: 'acme/web#1 was closed without being merged',
  })
  // The run asks what to do: it waits for people, and works on nothing.
  expect(shownState(run.run)).toBe('waiting')
}

describe('[RUN-8] a pull request closed by a person stops the work and asks what to do', () => {
  test('while a job works: it is stopped at its next safe point, and what it did is kept', () => {
    const run = toReview(drive())
    const job = run.job()
    change(run, WEB, 'closed')
    held(run)
    expect(run.effect('cancel-job')).toMatchObject({ job, keep: true })
    const before = run.run
    run.send({ type: 'job.finished', job, result: graded(1) })
    expect(run.run).toBe(before)
  })

  test('while checks are asked for, and while they are waited for', () => {
    const asking = toCi(drive())
    const { id, legs } = asking.effect('ask-checks')
    change(asking, WEB, 'closed')
    held(asking)
    asking.send({ type: 'checks.reported', effect: id, legs: legs.map(({ leg, head }) => checksOf(leg, head, [aCheck()])) })
    held(asking)
    const waiting = reportChecks(toCi(drive()), [aCheck('pending')])
    change(waiting, WEB, 'closed')
    held(waiting)
  })

  test('while an attempt waits for its next one', () => {
    const run = toReview(drive({ settings: { retry: { cap: 3, infrastructure: 5, gapMs: 120_000 } } }))
    run.finish(failedJob('agent'))
    change(run, WEB, 'closed')
    held(run)
    run.now += 1_000_000
    run.send({ type: 'timer.fired', timer: 'review-1-retry' })
    held(run)
  })

  test('while a person is asked to merge', () => {
    const run = toMerge(drive({ settings: { merge: { by: 'person', method: 'squash' } } }))
    change(run, WEB, 'closed')
    held(run)
    expect(run.say('command.merge', {})).toMatchObject({ result: 'refused', text: expect.stringContaining('resume') })
  })

  test('while another one is merging: what GitHub did is recorded, and nothing follows', () => {
    const run = reportPulls(toMerge(drive()))
    const { id, leg, head } = run.effect('merge-pull')
    change(run, WEB, 'closed')
    held(run)
    run.send({ type: 'pull.merged', effect: id, leg, head, pull: mergedPull(2) })
    expect(run.leg(API).mergedSha).toBe(head)
    held(run)
    expect(run.all.filter(({ kind }) => kind === 'merge-pull')).toHaveLength(1)
    run.say('command.resume', {})
    expect(run.run.status).toMatchObject({ state: 'done', outcome: 'merged' })
  })

  test('where only a question found it: before the merge, and in the review', () => {
    const merging = toMerge(drive())
    const open = openLegs(merging.run)
    merging.send({
      type: 'pulls.reported',
      effect: merging.effect('ask-pulls').id,
      pulls: open.map((leg) => pullSeen(leg, 'clean', leg.key === WEB ? { pull: aPull(1, { state: 'closed' }) } : {})),
      checks: [],
    })
    expect(merging.run.status).toMatchObject({ state: 'paused', cause: 'pull-closed' })
    const review = drive({ steps: [aStep('agent', 'code'), aStep('review')] })
    review.send({ type: 'run.admitted' })
    ready(openPulls(pushBoth(review)))
    const shut = { pull: aPull(1, { state: 'closed' }) }
    review.send({
      type: 'reviews.reported',
      effect: review.effect('ask-reviews').id,
      legs: openLegs(review.run).map((leg) => reviewOf(leg, leg.key === WEB ? shut : {})),
    })
    expect(review.run.status).toMatchObject({ state: 'paused', cause: 'pull-closed' })
  })
})

describe('[RUN-8] what people can say then', () => {
  const closedAtCi = () => {
    const run = toCi(drive())
    change(run, WEB, 'closed')
    return run
  }

  test('opened again it goes on where it was held', () => {
    const run = closedAtCi()
    change(run, WEB, 'open')
    expect(run.run.status.state).toBe('active')
    expect(run.effect('ask-checks').legs.map(({ leg }) => leg)).toEqual([WEB, API])
    expect(run.step('ci').epoch).toBe(2)
  })

  test('of two that are closed both must be open again', () => {
    const run = closedAtCi()
    change(run, API, 'closed')
    change(run, WEB, 'open')
    expect(run.run.status.state).toBe('paused')
    change(run, API, 'open')
    expect(run.run.status.state).toBe('active')
  })

  test('resume leaves the closed one out: it is neither checked nor merged, and counts as unchanged', () => {
    const run = closedAtCi()
    expect(run.say('command.resume', {}).result).toBe('done')
    expect(run.leg(WEB)).toMatchObject({ dropped: true, planned: false })
    expect(run.last.facts).toContainEqual(
      expect.objectContaining({ what: 'leg.dropped', who: 'alice', text: 'acme/web is left out' }),
    )
    reportChecks(run)
    reportPulls(run)
    mergeNow(run)
    expect(run.run.status).toMatchObject({ state: 'done', outcome: 'merged' })
    expect(run.all.flatMap((effect) => (effect.kind === 'merge-pull' ? [effect.leg] : []))).toEqual([API])
  })

  test('what a later job pushes to a repository that was left out is not taken', () => {
    const run = closedAtCi()
    run.say('command.resume', {})
    reportChecks(run, [aCheck('failure')])
    const head = run.leg(WEB).head
    run.finish(worked([pushed(run.leg(WEB), sha('more')), pushed(run.leg(API), sha('fixed'))]))
    expect(run.leg(WEB).head).toBe(head)
    expect(run.effect('ask-checks').legs).toEqual([{ leg: API, head: sha('fixed') }])
  })

  test('with every pull request closed resume is refused, and stop is not', () => {
    const run = closedAtCi()
    change(run, API, 'closed')
    expect(run.say('command.resume', {})).toMatchObject({ result: 'refused', text: expect.stringContaining('stop') })
    expect(run.run.status.state).toBe('paused')
    run.say('command.stop', { why: '' })
    expect(run.run.status.state).toBe('stopped')
  })

  test('a person who pauses it as well has the last word: opening it again does not go on', () => {
    const run = closedAtCi()
    run.say('command.pause', { why: 'wait', cause: 'person' })
    change(run, WEB, 'open')
    expect(run.run.status).toMatchObject({ state: 'paused', cause: 'person', by: 'alice' })
    run.say('command.resume', {})
    expect(run.leg(WEB).dropped).toBe(false)
    expect(run.effect('ask-checks').legs).toHaveLength(2)
  })

  test('closed in a run that had failed, a retry leaves it out; with all closed it is refused', () => {
    const run = toCi(drive())
    run.send({ type: 'effect.failed', effect: run.effect('ask-checks').id, failure: aFailure('api') })
    change(run, WEB, 'closed')
    expect(run.run.status.state).toBe('failed')
    run.say('command.retry', {})
    expect(run.leg(WEB).dropped).toBe(true)
    expect(run.effect('ask-checks').legs.map(({ leg }) => leg)).toEqual([API])
    run.send({ type: 'effect.failed', effect: run.effect('ask-checks').id, failure: aFailure('api') })
    change(run, API, 'closed')
    expect(run.say('command.retry', {}).result).toBe('refused')
    expect(run.say('command.restart', { step: stepId('code') }).result).toBe('refused')
  })
})

describe('[RUN-8] merged by a person counts as merged', () => {
  test('at a gate, in the review and before the merge', () => {
    const run = reportChecks(toCi(drive()), [aCheck('pending')])
    run.send({ type: 'pull.changed', leg: API, pull: mergedPull(2), head: run.leg(API).head ?? sha('x'), by: 'bob' })
    reportChecks(run)
    reportPulls(run)
    mergeNow(run)
    expect(run.run.status).toMatchObject({ state: 'done', outcome: 'merged' })
    expect(run.all.flatMap((effect) => (effect.kind === 'merge-pull' ? [effect.leg] : []))).toEqual([WEB])
  })
})

test('[RUN-8] found merged when it is to be opened: merged at the head that GitHub names, not at the one we pushed', () => {
  const run = pushBoth(toCode(drive()))
  const { id, legs } = run.effect('open-pulls')
  const opened = legs.map((leg) =>
    leg === WEB
      ? { leg, pull: mergedPull(1), head: sha('what a person added') }
      : { leg, pull: aPull(2), head: sha('what GitHub has not seen yet') },
  )
  const pushedHead = run.leg(API).head
  run.send({ type: 'pulls.opened', effect: id, opened, failed: [] })
  expect(run.leg(WEB)).toMatchObject({ head: sha('what a person added'), mergedSha: sha('what a person added') })
  expect(run.leg(API)).toMatchObject({ head: pushedHead, mergedSha: null })
})

describe('[RUN-8] a push by a person is kept, and said', () => {
  test('told by GitHub: the head is the run’s own from then on, with who pushed where', () => {
    const run = reportChecks(toCi(drive()), [aCheck('pending')])
    change(run, WEB, 'open', sha('by hand'))
    expect(run.leg(WEB).head).toBe(sha('by hand'))
    const said = run.last.facts.find(({ what }) => what === 'leg.moved')
    expect(said).toMatchObject({ who: 'bob', text: expect.stringContaining(`acme/web is at ${sha('by hand').slice(0, 7)}`) })
    change(run, WEB, 'open', sha('by hand'))
    expect(facts(run)).not.toContain('leg.moved')
    expect(run.effect('ask-checks').legs).toContainEqual({ leg: WEB, head: sha('by hand') })
  })

  test('found by a question: said as well, though nobody knows who', () => {
    const run = toMerge(drive())
    const open = openLegs(run.run)
    run.send({
      type: 'pulls.reported',
      effect: run.effect('ask-pulls').id,
      pulls: open.map((leg) => pullSeen(leg, 'clean', leg.key === API ? { head: sha('by hand') } : {})),
      checks: [],
    })
    expect(run.last.facts).toContainEqual(
      expect.objectContaining({ what: 'leg.moved', text: expect.stringContaining('acme/api') }),
    )
    expect(run.job()).toBe('run1-review-2')
  })

  test('in the review too, and its approvals are those of the new head', () => {
    const run = drive({ steps: [aStep('agent', 'code'), aStep('review', 'review', { approvals: 1 })] })
    run.send({ type: 'run.admitted' })
    openPulls(pushBoth(run))
    reportReviews(run, { [WEB]: { head: sha('by hand') }, [API]: { approvedBy: ['rita'] } })
    expect(run.leg(WEB).head).toBe(sha('by hand'))
    expect(facts(run)).toContain('leg.moved')
    expect(run.wait()).toMatchObject({ for: 'outside', what: 'review' })
  })

  test('what the run’s own job pushes is no push by somebody else', () => {
    const run = toCode(drive())
    pushBoth(run)
    expect(facts(run)).not.toContain('leg.moved')
  })
})
