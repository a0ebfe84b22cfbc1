import { describe, expect, test } from 'vitest'
import { API, aStep, sha, stepId, WEB } from '../../../test/support/core/build.ts'
import { type Drive, drive, mergeNow, openPulls, pushBoth, reportPulls } from '../../../test/support/core/drive.ts'
import { pauseAndResume, undecided } from '../../../test/support/core/explored.ts'
import { aSignal, saySignals, toGate } from '../../../test/support/core/gated.ts'
import { aFailure, aPull, failedJob, reported } from '../../../test/support/core/results.ts'
import { describeStep } from '../describe.ts'

const PROBE = 'https://shop.example.test/health'

/** Merged, and the release is looked at for the first time. */
function gate(options: Record<string, unknown> = { probe: PROBE }): Drive {
  const run = toGate([aStep('agent', 'code'), aStep('merge'), aStep('release', 'release', options)])
  return mergeNow(mergeNow(reportPulls(run)))
}
const said = (run: Drive) => describeStep(run.run, run.step('release'))
const asks = (run: Drive) => run.all.filter(({ kind }) => kind === 'ask-release').length
const sweep = (run: Drive) => run.send({ type: 'timer.fired', timer: `release-${run.step('release').epoch}-sweep` })
const bad = (run: Drive) => saySignals(run, [aSignal('good', 'one'), aSignal('bad', 'two', 'status 500')])
const oncall = (recommendation: 'revert' | 'hold' | 'monitor' = 'revert') =>
  reported({ regression: { confidence: 0.8, recommendation, evidence: [{ text: 'here' }] } })
function regressed(): Drive {
  const run = bad(gate())
  run.finish(oncall())
  return run
}

describe('[STP-12] [GATE-8] a release is watched', () => {
  test('deployments, checks and the address are asked for, again and again', () => {
    const run = gate({ probe: PROBE, environment: 'production', checks: ['smoke'], intervalSeconds: 30 })
    expect(run.effect('ask-release')).toMatchObject({
      legs: [WEB, API],
      checks: ['smoke'],
      environment: 'production',
      probe: PROBE,
    })
    saySignals(run, [aSignal('pending')])
    expect(run.wait()).toEqual({ for: 'outside', what: 'release', until: run.now + 30_000 })
    expect(run.last.timers).toEqual([{ id: 'release-1-sweep', at: run.now + 30_000 }])
    expect(said(run)).toBe('no sign yet')
    sweep(run)
    saySignals(run, [aSignal('good')])
    expect(said(run)).toBe('good so far')
    run.send({ type: 'deployments.changed', leg: WEB })
    expect(asks(run)).toBe(3)
  })

  test('30 minutes with good signs and no bad one are healthy', () => {
    const run = gate()
    const end = run.now + 30 * 60_000
    saySignals(run, [aSignal('good')])
    while (run.run.status.state === 'active' && run.now < end + 60_000) {
      const wait = run.wait()
      run.now = wait?.for === 'outside' ? wait.until : run.now
      sweep(run)
      saySignals(run, run.now < end ? [aSignal('pending')] : [])
    }
    expect(run.now).toBeLessThan(end + 60_000)
    expect(run.step('release').output).toMatchObject({ kind: 'release', health: 'healthy', regression: null })
    expect(said(run)).toBe('healthy')
    expect(run.run.status).toMatchObject({ state: 'done', outcome: 'merged' })
  })

  test('a window without one good sign is said to have no data', () => {
    const run = gate({ probe: PROBE, windowMinutes: 1 })
    saySignals(run, [aSignal('pending')])
    run.now += 60_000
    sweep(run)
    saySignals(run, [aSignal('pending', 'probe', 'no answer')])
    expect(run.step('release').output).toMatchObject({ health: 'no-data', signals: ['probe probe: pending, no answer'] })
    expect(said(run)).toBe('no data came')
    expect(run.last.facts).toContainEqual(
      expect.objectContaining({ text: expect.stringContaining('without a single good sign') }),
    )
  })

  test('a bad sign starts an agent that only explores, with the signs and the commits; then a person is asked', () => {
    const run = bad(gate())
    const effect = run.effect('enqueue-job')
    expect(effect).toMatchObject({ role: 'oncall', mode: 'explore' })
    for (const part of ['probe two: bad, status 500', 'probe one: good', sha('merge 1'), 'acme/api'])
      expect(effect.evidence).toContain(part)
    expect(said(run)).toBe('a regression; an agent looks into it')
    run.finish(oncall())
    expect(run.wait()).toMatchObject({ for: 'person', what: 'regression' })
    expect(said(run)).toBe('a regression; the agent on call says: revert (confidence 0.8)')
  })

  test('nothing is reverted but by a person’s command; the step waits on until they go on', () => {
    const run = regressed()
    expect(run.all.some(({ kind }) => kind === 'open-reverts')).toBe(false)
    expect(run.say('command.revert', {}).result).toBe('done')
    const { id, legs } = run.effect('open-reverts')
    expect(legs).toEqual([WEB, API])
    run.send({ type: 'reverts.opened', effect: id, opened: legs.map((leg, n) => ({ leg, pull: aPull(n + 8) })), failed: [] })
    expect(run.wait()).toMatchObject({ for: 'person', what: 'regression' })
    run.say('command.proceed', {})
    expect(run.step('release').output).toMatchObject({ health: 'regressed', regression: { recommendation: 'revert' } })
    expect(said(run)).toBe('a regression, left as it is')
    expect(run.run.status).toMatchObject({ state: 'done' })
  })

  test.each([
    ['failed', failedJob('agent')],
    ['gave no assessment', reported({})],
  ])('an agent on call that %s does not hide the regression', (_what, result) => {
    const run = bad(gate())
    run.finish(result)
    expect(run.wait()).toMatchObject({ for: 'person', what: 'regression' })
    expect(said(run)).toBe('a regression; the agent on call could not say why')
  })

  test('mended outside: a retry begins a new window', () => {
    const run = regressed()
    run.now += 3_600_000
    run.say('command.retry', {})
    saySignals(run, [aSignal('good')])
    expect(run.wait()).toMatchObject({ for: 'outside', what: 'release' })
    sweep(run)
    bad(run)
    expect(run.effect('enqueue-job').role).toBe('oncall')
  })

  test.each([
    ['nothing was merged', { probe: PROBE }, false],
    ['neither an environment, checks nor an address to watch are configured', {}, true],
  ] as const)('is passed over where %s', (why, options, merges) => {
    const run = merges
      ? gate(options)
      : drive({ steps: [aStep('agent', 'code'), aStep('merge'), aStep('release', 'release', options)] })
    if (!merges) {
      run.send({ type: 'run.admitted' })
      openPulls(pushBoth(run))
      run.say('command.skip', { step: stepId('merge'), why: '' })
    }
    expect(run.step('release').status).toMatchObject({ state: 'skipped', why })
  })
})

describe('failures, pauses and what comes late', () => {
  test('a question that could not be asked is asked again on retry, in the same window', () => {
    const run = gate({ probe: PROBE, windowMinutes: 1 })
    saySignals(run, [aSignal('good')])
    sweep(run)
    run.send({ type: 'effect.failed', effect: run.effect('ask-release').id, failure: aFailure('api') })
    expect(run.run.status).toMatchObject({ state: 'failed' })
    run.now += 60_000
    run.say('command.retry', {})
    saySignals(run, [])
    expect(run.step('release').output).toMatchObject({ health: 'healthy' })
  })

  test('a lost agent on call is sent again with the same signs', () => {
    const run = bad(gate())
    const { evidence } = run.effect('enqueue-job')
    run.send({ type: 'job.lost', job: run.job(), why: 'gone' })
    run.say('command.retry', {})
    expect(run.effect('enqueue-job')).toMatchObject({ role: 'oncall', evidence })
    run.finish(undecided())
    run.say('command.answer', { id: null, text: '1', dismiss: false })
    expect(run.effect('enqueue-job')).toMatchObject({ role: 'oncall', evidence })
  })

  test('held and resumed in every phase', () => {
    const run = gate()
    pauseAndResume(run)
    expect(asks(run)).toBe(2)
    saySignals(run, [aSignal('good')])
    pauseAndResume(run)
    sweep(run)
    expect(asks(run)).toBe(3)
    bad(run)
    pauseAndResume(run)
    expect(run.effect('enqueue-job')).toMatchObject({ role: 'oncall', job: run.job() })
    run.finish(oncall('hold'))
    pauseAndResume(run)
    expect(run.wait()).toMatchObject({ for: 'person', what: 'regression' })
  })

  test('skipped in every phase; a restart is refused, as what is merged cannot be done again', () => {
    const watching = (run: Drive) => saySignals(run, [aSignal('good')])
    for (const to of [() => {}, watching, bad, (run: Drive) => bad(run).finish(oncall())]) {
      const run = gate()
      to(run)
      expect(run.say('command.restart', { step: stepId('release') }).result).toBe('refused')
      run.say('command.skip', { step: stepId('release'), why: 'seen elsewhere' })
      expect(run.run.status).toMatchObject({ state: 'done', outcome: 'merged' })
    }
  })

  test('a late or doubled answer changes nothing', () => {
    const run = gate()
    saySignals(run, [aSignal('good')])
    const before = run.run
    saySignals(run, [aSignal('bad')])
    expect(run.run).toBe(before)
    sweep(run)
    bad(run)
    const job = run.job()
    run.finish(oncall())
    const after = run.run
    run.send({ type: 'job.finished', job, result: oncall() })
    run.send({ type: 'deployments.changed', leg: API })
    expect(run.run).toBe(after)
  })
})
