import { describe, expect, test } from 'vitest'
import { API, defaultSteps, sha, WEB } from '../../../test/support/core/build.ts'
import { type Drive, drive, openPulls, reportChecks, toCi, toCode } from '../../../test/support/core/drive.ts'
import {
  aCheck,
  aFailure,
  aPull,
  checksOf,
  failedJob,
  graded,
  noop,
  pushed,
  worked,
} from '../../../test/support/core/results.ts'
import type { CheckSeen } from '../events.ts'

const gate = (options = {}) => toCi(drive({ steps: defaultSteps({ ci: options }) }))
const red = [aCheck('failure')]
const fix = (run: Drive, name: string) =>
  run.finish(worked([pushed(run.leg(WEB), sha(name)), pushed(run.leg(API), run.leg(API).head ?? sha('x'))]))
const asked = (run: Drive) => run.all.filter(({ kind }) => kind === 'ask-checks').length

describe('[GATE-1] asks first, acts only on a bad answer', () => {
  test('green: no fixer, and the heads are noted as checked', () => {
    const run = gate()
    expect(run.wait()).toMatchObject({ for: 'effect' })
    reportChecks(run)
    expect(run.leg(WEB).checkedSha).toBe(run.leg(WEB).head)
    expect(run.step('ci').output).toMatchObject({ kind: 'ci', fixes: 0, checks: 2 })
    expect(run.all.some((effect) => effect.kind === 'enqueue-job' && effect.role === 'fixer')).toBe(false)
  })

  test('red: a fixer gets the evidence; after it worked the gate asks again', () => {
    const run = gate()
    const log: CheckSeen = {
      ...aCheck('failure', 'unit'),
      title: '1 failed',
      log: 'expected 3, got 4',
      annotations: [{ path: 'a.ts', line: 3, message: 'wrong' }],
    }
    reportChecks(run, { [WEB]: [log], [API]: [aCheck()] })
    const { evidence, role, mode } = run.effect('enqueue-job')
    expect({ role, mode }).toEqual({ role: 'fixer', mode: 'code' })
    for (const part of ['unit', '1 failed', 'expected 3, got 4', 'a.ts:3: wrong']) expect(evidence).toContain(part)
    fix(run, 'fixed')
    expect(run.effect('ask-checks').legs).toContainEqual({ leg: WEB, head: sha('fixed') })
    reportChecks(run)
    expect(run.step('ci').output).toMatchObject({ fixes: 1 })
  })

  test('the same evidence on unchanged heads twice asks a person, not another fixer', () => {
    const run = gate()
    reportChecks(run, red)
    run.finish(failedJob('no-changes'))
    reportChecks(run, red)
    expect(run.wait()).toMatchObject({ for: 'person', what: 'evidence' })
    run.say('command.retry', {})
    reportChecks(run, red)
    expect(run.wait()).toMatchObject({ for: 'person', what: 'evidence' })
  })

  test('a noop of the fixer is the same', () => {
    const run = gate()
    reportChecks(run, red)
    run.finish(noop())
    reportChecks(run, red)
    expect(run.wait()).toMatchObject({ for: 'person', what: 'evidence' })
  })

  test('the same check red on a new head is another round, until the attempts are used up', () => {
    const run = gate({ attempts: 2 })
    for (const name of ['fix 1', 'fix 2']) {
      reportChecks(run, red)
      fix(run, name)
    }
    reportChecks(run, red)
    expect(run.wait()).toMatchObject({ for: 'person', what: 'evidence' })
    run.say('command.extra-round', {})
    expect(run.effect('enqueue-job').evidence).toContain('failure')
    fix(run, 'fix 3')
    reportChecks(run, red)
    expect(run.wait()).toMatchObject({ for: 'person', what: 'evidence' })
    expect(run.step('ci').data).toMatchObject({ fixes: 3, granted: 1 })
  })

  test('evidence whose fixer was lost on the way is not used up: a retry sends a fixer again', () => {
    const run = gate()
    reportChecks(run, red)
    run.send({ type: 'job.lost', job: run.job(), why: 'gone' })
    run.say('command.retry', {})
    reportChecks(run, red)
    expect(run.wait()).toMatchObject({ for: 'job' })
  })

  test('a stuck gate goes on by itself when somebody pushes or the checks change', () => {
    const run = gate({ attempts: 0 })
    reportChecks(run, red)
    run.send({ type: 'pull.changed', leg: WEB, pull: aPull(1), head: sha('by hand'), by: 'bob' })
    expect(run.effect('ask-checks').legs).toContainEqual({ leg: WEB, head: sha('by hand') })
  })
})

describe('[GATE-3] no checks at all', () => {
  test('is green only after the grace', () => {
    const run = gate()
    reportChecks(run, [])
    expect(run.wait()).toMatchObject({ for: 'checks', until: run.now + 90_000 })
    run.now += 30_000
    run.send({ type: 'checks.changed', leg: WEB, head: run.leg(WEB).head ?? sha('x') })
    reportChecks(run, [])
    expect(run.step('ci').status.state).toBe('active')
    run.now += 60_000
    run.send({ type: 'timer.fired', timer: 'ci-1-sweep' })
    reportChecks(run, [])
    expect(run.step('ci').status.state).toBe('done')
  })

  test('begins anew for a new head', () => {
    const run = gate()
    reportChecks(run, [])
    run.now += 80_000
    run.send({ type: 'pull.changed', leg: WEB, pull: aPull(1), head: sha('by hand'), by: 'bob' })
    reportChecks(run, [])
    expect(run.wait()).toMatchObject({ for: 'checks', until: run.now + 90_000 })
  })

  test.each([
    ['a required check', { required: ['deploy'] }],
    ['a workflow that would run', { expectsChecks: true }],
  ])('is pending for ever where there is %s', (_what, change) => {
    const run = gate()
    const report = () => {
      const { id, legs } = run.effect('ask-checks')
      run.send({ type: 'checks.reported', effect: id, legs: legs.map(({ leg, head }) => checksOf(leg, head, [], change)) })
    }
    report()
    run.now += 3_600_000
    run.send({ type: 'timer.fired', timer: 'ci-1-sweep' })
    report()
    expect(run.wait()).toMatchObject({ for: 'checks' })
  })
})

describe('waiting', () => {
  const pending = [aCheck('pending')]

  test('pending checks wait for a hint or the sweep, and a timer is set for it', () => {
    const run = reportChecks(gate(), pending)
    expect(run.wait()).toEqual({ for: 'checks', until: run.now + 300_000 })
    expect(run.last.timers).toEqual([{ id: 'ci-1-sweep', at: run.now + 300_000 }])
  })

  test('a burst of hints costs one question', () => {
    const run = reportChecks(gate(), pending)
    const before = asked(run)
    const hint = { type: 'checks.changed', leg: WEB, head: run.leg(WEB).head ?? sha('x') } as const
    run.send(hint)
    expect(run.effect('ask-checks').delayMs).toBe(2_000)
    run.send(hint)
    reportChecks(run, pending)
    expect(asked(run)).toBe(before + 1)
    expect(run.wait()).toMatchObject({ for: 'checks' })
  })

  test('a hint while GitHub is being asked makes the gate ask once more', () => {
    const run = gate()
    run.send({ type: 'checks.changed', leg: WEB, head: run.leg(WEB).head ?? sha('x') })
    reportChecks(run, red)
    expect(run.wait()).toMatchObject({ for: 'effect', effect: run.effect('ask-checks').id })
    expect(asked(run)).toBe(2)
  })

  test('a hint about a head that is not the leg’s is ignored', () => {
    const run = reportChecks(gate(), pending)
    const before = run.run
    run.send({ type: 'checks.changed', leg: WEB, head: sha('old') })
    expect(run.run).toBe(before)
  })

  test('an answer about heads that moved meanwhile is not believed', () => {
    const run = gate()
    const { id, legs } = run.effect('ask-checks')
    run.send({ type: 'pull.changed', leg: WEB, pull: aPull(1), head: sha('by hand'), by: 'bob' })
    run.send({ type: 'checks.reported', effect: id, legs: legs.map(({ leg, head }) => checksOf(leg, head, [aCheck()])) })
    expect(run.effect('ask-checks').legs).toContainEqual({ leg: WEB, head: sha('by hand') })
    expect(run.step('ci').status.state).toBe('active')
  })
})

test('a fixer that touches a repository without a pull request has it opened first, also after a failure', () => {
  const run = toCode(drive())
  run.finish(worked([pushed(run.leg(WEB), sha('web'))]))
  openPulls(run)
  run.finish(graded(1))
  reportChecks(run, red)
  run.finish(worked([pushed(run.leg(WEB), sha('web 2')), pushed(run.leg(API), sha('api'))]))
  expect(run.effect('open-pulls').legs).toEqual([API])
  run.send({
    type: 'pulls.opened',
    effect: run.effect('open-pulls').id,
    opened: [],
    failed: [{ leg: API, failure: aFailure('api') }],
  })
  expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'api' } })
  run.say('command.retry', {})
  expect(run.effect('open-pulls').legs).toEqual([API])
  openPulls(run)
  expect(run.effect('ask-checks').legs).toHaveLength(2)
})

test('a fixer’s failure fails the step with its cause', () => {
  const run = reportChecks(gate(), red)
  run.finish(failedJob('model'))
  expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'model' } })
})
