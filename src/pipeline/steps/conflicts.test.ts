import { describe, expect, test } from 'vitest'
import { API, aStep, sha, stepId, WEB } from '../../../test/support/core/build.ts'
import { type Drive, openPulls } from '../../../test/support/core/drive.ts'
import { pauseAndResume, undecided } from '../../../test/support/core/explored.ts'
import { sayMergeable, toGate, toStep } from '../../../test/support/core/gated.ts'
import { aFailure, aPull, failedJob, mergedPull, noop, pullSeen, pushed, worked } from '../../../test/support/core/results.ts'
import { describeStep } from '../describe.ts'
import type { PullSeen } from '../events.ts'

const gate = (options = {}) => toStep('conflicts', options)
const dirty = (run: Drive) => sayMergeable(run, { [WEB]: 'dirty' })
const resolve = (run: Drive, name: string) => run.finish(worked([pushed(run.leg(WEB), sha(name))]))
const said = (run: Drive) => describeStep(run.run, run.step('conflicts'))
const asks = (run: Drive) => run.all.filter(({ kind }) => kind === 'ask-pulls').length
const resolvers = (run: Drive) => run.all.filter((effect) => effect.kind === 'enqueue-job' && effect.role === 'resolver').length
const pushBy = (run: Drive, head: string) =>
  run.send({ type: 'pull.changed', leg: WEB, pull: aPull(1), head: sha(head), by: 'bob' })

describe('[STP-12] [GATE-6] conflicts', () => {
  test.each(['clean', 'blocked', 'behind', 'unstable', 'draft', 'has_hooks'] as const)('%s passes', (state) => {
    const run = gate()
    expect(run.effect('ask-pulls')).toMatchObject({ legs: [WEB, API], ready: false })
    sayMergeable(run, { [WEB]: state, [API]: state })
    expect(run.step('conflicts').output).toMatchObject({ kind: 'conflicts', resolved: 0 })
    expect(said(run)).toBe('none')
    expect(resolvers(run)).toBe(0)
  })

  test('dirty sends a resolver that merges the base, with the repositories and branches; afterwards GitHub is asked again', () => {
    const run = dirty(gate())
    const { leg, effect } = { leg: run.leg(WEB), effect: run.effect('enqueue-job') }
    expect(effect).toMatchObject({ role: 'resolver', mode: 'code', mergesBase: true })
    for (const part of ['acme/web', leg.workBranch, '`main`', leg.head]) expect(effect.evidence).toContain(part)
    expect(effect.evidence).not.toContain('acme/api')
    expect(said(run)).toBe('resolving acme/web with main')
    resolve(run, 'merged')
    sayMergeable(run)
    expect(run.step('conflicts').output).toMatchObject({
      resolved: 1,
      heads: expect.arrayContaining([{ leg: WEB, head: sha('merged') }]),
    })
    expect(said(run)).toBe('1 conflict was resolved')
  })

  test('unknown is pending: asked quickly a few times, then by the sweep', () => {
    const run = sayMergeable(gate(), { [WEB]: 'unknown' })
    expect(run.wait()).toEqual({ for: 'mergeability', until: run.now + 1_000 })
    expect(said(run)).toBe('GitHub has not decided yet whether it can merge')
    for (let ask = 0; ask < 10; ask += 1) {
      run.send({ type: 'timer.fired', timer: 'conflicts-1-sweep' })
      sayMergeable(run, { [WEB]: 'unknown' })
    }
    expect(run.wait()).toEqual({ for: 'mergeability', until: run.now + 300_000 })
    expect(resolvers(run)).toBe(0)
    sayMergeable(pushBy(run, 'by hand') && run)
    expect(run.step('conflicts').status.state).toBe('done')
  })

  test('a resolver waits until all are decided, but not for ever', () => {
    const mixed = { [WEB]: 'dirty', [API]: 'unknown' } as const
    const run = sayMergeable(gate(), mixed)
    expect(run.wait()).toMatchObject({ for: 'mergeability' })
    for (let ask = 0; ask < 10; ask += 1) {
      run.send({ type: 'timer.fired', timer: 'conflicts-1-sweep' })
      sayMergeable(run, mixed)
    }
    expect(resolvers(run)).toBe(1)
  })

  test('an answer that lacks a leg is not taken for good', () => {
    const run = gate()
    const only = [run.leg(WEB)].map((leg) => pullSeen(leg))
    run.send({ type: 'pulls.reported', effect: run.effect('ask-pulls').id, pulls: only, checks: [] })
    expect(run.wait()).toMatchObject({ for: 'mergeability' })
  })

  test('the base moves on and on: three attempts, then a person', () => {
    const run = gate()
    for (const name of ['one', 'two', 'three']) resolve(dirty(run), name)
    dirty(run)
    expect(run.wait()).toMatchObject({ for: 'person', what: 'cap' })
    expect(said(run)).toBe('acme/web with main conflicts, after 3 attempts')
    expect(run.say('command.proceed', {})).toMatchObject({
      result: 'refused',
      text: expect.stringContaining('cannot be merged'),
    })
    run.say('command.extra-round', {})
    expect(resolvers(run)).toBe(4)
    resolve(run, 'four')
    sayMergeable(run)
    expect(run.step('conflicts').output).toMatchObject({ resolved: 4 })
  })

  test('is passed over where no pull request is open', () => {
    const run = toGate([aStep('agent', 'code'), aStep('companion', 'look'), aStep('conflicts')], {}, [WEB])
    run.send({ type: 'pull.changed', leg: WEB, pull: mergedPull(1), head: run.leg(WEB).head ?? sha('x'), by: 'bob' })
    run.say('command.skip', { step: stepId('look'), why: '' })
    expect(run.step('conflicts').status).toMatchObject({ state: 'skipped', why: 'no pull request is open' })
  })
})

describe('[GATE-1] the same conflict on the same head twice asks a person', () => {
  test.each([
    ['left markers', failedJob('conflict')],
    ['changed nothing', failedJob('no-changes')],
    ['saw nothing to do', noop()],
  ])('a resolver that %s is an attempt, not the run’s failure', (_what, result) => {
    const run = dirty(gate())
    run.finish(result)
    expect(run.wait()).toMatchObject({ for: 'effect' })
    dirty(run)
    expect(run.wait()).toMatchObject({ for: 'person', what: 'evidence' })
    expect(run.step('conflicts').data).toMatchObject({ fixes: 1, resolved: 0 })
    run.say('command.retry', {})
    dirty(run)
    expect(run.wait()).toMatchObject({ for: 'person', what: 'evidence' })
  })

  test('what was left is told to people and to the next resolver', () => {
    const run = dirty(gate())
    run.finish({ ...failedJob('conflict'), failure: aFailure('conflict', 'There are markers in a.ts.') } as never)
    dirty(run)
    expect(said(run)).toContain('There are markers in a.ts.')
    run.say('command.extra-round', {})
    expect(run.effect('enqueue-job').evidence).toContain('There are markers in a.ts.')
  })

  test('somebody resolves it by hand', () => {
    const run = dirty(gate({ attempts: 0 }))
    pushBy(run, 'by hand')
    sayMergeable(run)
    expect(run.step('conflicts').output).toMatchObject({ resolved: 0 })
  })
})

describe('failures, pauses and what comes late', () => {
  test('another failure of the resolver is the step’s; after a retry GitHub is asked first', () => {
    const run = dirty(gate({ attempts: 1 }))
    run.finish(failedJob('model'))
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'model' } })
    run.say('command.retry', {})
    expect(asks(run)).toBe(2)
    dirty(run)
    expect(run.step('conflicts').data).toMatchObject({ phase: 'resolving', fixes: 0 })
    run.send({ type: 'job.lost', job: run.job(), why: 'gone' })
    run.say('command.retry', {})
    dirty(run)
    resolve(run, 'merged')
    sayMergeable(run)
    expect(run.step('conflicts').status.state).toBe('done')
  })

  test('a hint while GitHub is being asked makes the gate ask once more', () => {
    const run = gate()
    const { id } = run.effect('ask-pulls')
    pushBy(run, 'by hand')
    const before = run.run
    pushBy(run, 'by hand')
    expect(run.run).toBe(before)
    sayMergeable(run)
    expect(run.effect('ask-pulls').id).not.toBe(id)
    expect(run.step('conflicts').status.state).toBe('active')
  })

  test('a late or doubled answer changes nothing', () => {
    const run = gate()
    const { id } = run.effect('ask-pulls')
    dirty(run)
    const before = run.run
    const pulls: PullSeen[] = []
    run.send({ type: 'pulls.reported', effect: id, pulls, checks: [] })
    expect(run.run).toBe(before)
    const job = run.job()
    resolve(run, 'merged')
    const after = run.run
    run.send({ type: 'job.finished', job, result: noop() })
    expect(run.run).toBe(after)
  })

  const phases: [string, (run: Drive) => unknown, string][] = [
    ['asking', () => {}, 'effect'],
    ['watching', (run) => sayMergeable(run, { [WEB]: 'unknown' }), 'mergeability'],
    ['resolving', dirty, 'job'],
    [
      'stuck',
      (run) => {
        dirty(run)
        run.finish(noop())
        dirty(run)
      },
      'person',
    ],
  ]
  test.each(phases)('held and resumed, restarted, skipped while %s', (_name, to, wait) => {
    const run = gate()
    to(run)
    expect(run.wait()?.for).toBe(wait)
    pauseAndResume(run)
    if (wait === 'mergeability') run.send({ type: 'timer.fired', timer: 'conflicts-1-sweep' })
    expect(run.wait()?.for).toBe(wait === 'person' ? 'person' : 'effect')
    run.say('command.restart', { step: stepId('conflicts') })
    expect(run.step('conflicts').data).toMatchObject({ phase: 'asking', fixes: 0, evidence: [] })
    const skipped = gate()
    to(skipped)
    skipped.say('command.skip', { step: stepId('conflicts'), why: 'by hand' })
    expect(skipped.run.status).toMatchObject({ state: 'done', outcome: 'ready' })
  })

  test('a resolver’s question is answered, and GitHub is asked before it goes on', () => {
    const run = dirty(gate({ attempts: 1 }))
    run.finish(undecided())
    run.say('command.answer', { id: null, text: '2', dismiss: false })
    dirty(run)
    expect(run.wait()).toMatchObject({ for: 'job' })
    expect(run.step('conflicts').feedback).toHaveLength(1)
  })

  test('a repository that the resolver touched first gets its pull request', () => {
    const run = dirty(toGate([aStep('agent', 'code'), aStep('conflicts')], {}, [WEB]))
    run.finish(worked([pushed(run.leg(WEB), sha('web 2')), pushed(run.leg(API), sha('api'))]))
    const { id } = run.effect('open-pulls')
    expect(said(run)).toBe('opening pull requests')
    run.send({ type: 'pulls.opened', effect: id, opened: [], failed: [{ leg: API, failure: aFailure('api') }] })
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'api' } })
    run.say('command.retry', {})
    openPulls(run)
    expect(run.effect('ask-pulls').legs).toEqual([WEB, API])
  })
})
