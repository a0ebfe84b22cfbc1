/** Merging where a policy decides whether a person has to. */
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
  toCode,
  toMerge,
} from '../../../test/support/core/drive.ts'
import {
  aCheck,
  aPull,
  checksOf,
  graded,
  noop,
  pullSeen,
  pushed,
  reported,
  worked,
} from '../../../test/support/core/results.ts'
import { describeStep } from '../describe.ts'
import type { PullSeen } from '../events.ts'
import { MergePolicy } from '../run-settings.ts'
import { openLegs } from '../state.ts'

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
describe('[CS-7] by policy', () => {
  const axis = (value: number) => ({ value, why: 'because' })
  const low = { complexity: axis(0.1), risk: axis(0.1), impact: axis(0.1) }
  const settings = { merge: { by: 'policy' as const, method: 'squash' as const, policy: MergePolicy.parse({}) } }
  const policy = (options: Parameters<typeof drive>[0] = {}) => toMerge(drive({ settings, ...options }))
  const assess = (run: Drive, estimate = low) => run.finish(reported({ estimate }))

  test('without an assessment of these heads an estimator looks at them; under the ceilings the run merges by itself', () => {
    const run = policy()
    expect(run.effect('enqueue-job')).toMatchObject({ role: 'estimator', mode: 'explore', step: 'merge' })
    assess(run)
    expect(run.last.facts.map(({ text }) => text)).toContain('the merge policy allows it without a person')
    mergeNow(mergeNow(reportPulls(run)))
    expect(run.run.status).toMatchObject({ state: 'done', outcome: 'merged' })
  })

  test('over a ceiling a person merges, and is told why', () => {
    const run = policy()
    assess(run, { ...low, risk: axis(0.9) })
    expect(run.wait()).toMatchObject({ for: 'person', what: 'merge' })
    expect(said(run)).toBe('a person merges: risk 0.9 is over 0.4')
    run.say('command.merge', {})
    reportPulls(run)
    expect(merges(run)).toHaveLength(1)
  })

  test('an estimate before there was code is none of these heads; one of exactly these heads is enough', () => {
    const early = drive({ settings, steps: [aStep('estimate'), aStep('agent', 'code'), aStep('merge')] })
    early.send({ type: 'run.admitted' })
    assess(early)
    openPulls(pushBoth(early))
    expect(early.effect('enqueue-job')).toMatchObject({ role: 'estimator', step: 'merge' })
    const run = drive({ settings, steps: [aStep('agent', 'code'), aStep('estimate'), aStep('merge')] })
    run.send({ type: 'run.admitted' })
    openPulls(pushBoth(run))
    assess(run)
    expect(run.all.filter(({ kind }) => kind === 'enqueue-job')).toHaveLength(2)
    expect(run.wait()).toMatchObject({ for: 'effect', effect: run.effect('ask-pulls').id })
  })

  test('the assessment must be of the current head: a push before the merge is assessed anew', () => {
    const run = drive({ settings, steps: [aStep('agent', 'code'), aStep('merge')] })
    run.send({ type: 'run.admitted' })
    openPulls(pushBoth(run))
    assess(run)
    report(run, {}, { [WEB]: { head: sha('by hand') } })
    expect(merges(run)).toEqual([])
    expect(run.effect('enqueue-job')).toMatchObject({ role: 'estimator' })
    assess(run)
    // Nobody measured what was pushed by hand.
    expect(said(run)).toBe('a person merges: what the current commit of acme/web changes was not measured')
    run.send({ type: 'pull.changed', leg: WEB, pull: aPull(1), head: sha('again by hand'), by: 'bob' })
    expect(run.effect('enqueue-job')).toMatchObject({ role: 'estimator' })
    run.finish(
      reported({ estimate: low }, [
        pushed(run.leg(WEB), sha('again by hand')),
        pushed(run.leg(API), run.leg(API).head ?? sha('x')),
      ]),
    )
    reportPulls(run)
    expect(merges(run)).toHaveLength(1)
  })

  test('a change to a protected path is left to a person', () => {
    const run = toCode(drive({ settings: { ...settings, protectedPaths: ['src/**'] } }))
    openPulls(pushBoth(run)).finish(graded(1))
    reportChecks(run)
    assess(run)
    expect(said(run)).toContain('protected in acme/web: src/a.ts')
  })

  test('without a policy a person merges, and nobody is sent to assess', () => {
    const run = toMerge(drive({ settings: { merge: { by: 'policy', method: 'squash' } } }))
    expect(said(run)).toBe('a person merges: the configuration has no merge policy')
  })

  test.each([
    ['says there is nothing to do', noop()],
    ['reports no estimate', worked()],
  ])('an estimator that %s decides nothing', (_what, result) => {
    const run = policy()
    run.finish(result)
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'no-usable-output' } })
  })
})
