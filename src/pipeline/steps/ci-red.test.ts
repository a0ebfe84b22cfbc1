/** Red checks that are not the change's own doing: on the base branch too, flaky, or not begun yet. */
import { describe, expect, test } from 'vitest'
import { API, defaultSteps, sha, WEB } from '../../../test/support/core/build.ts'
import { type Drive, drive, reportChecks, reportPulls, toCi } from '../../../test/support/core/drive.ts'
import { aCheck, aFailure, aPull, checksOf, pullSeen, pushed, worked } from '../../../test/support/core/results.ts'
import { describeStep } from '../describe.ts'
import type { CheckSeen } from '../events.ts'
import { openLegs } from '../state.ts'

const gate = (options = {}) => toCi(drive({ steps: defaultSteps({ ci: options }) }))
const red = [aCheck('failure')]
const fixers = (run: Drive) => run.all.filter((effect) => effect.kind === 'enqueue-job' && effect.role === 'fixer').length
const said = (run: Drive) => describeStep(run.run, run.step('ci'))

/** Every leg has these checks; web's named ones are red on its base branch. */
function report(run: Drive, checks: CheckSeen[], redOnBase: string[], api: CheckSeen[] = [aCheck()]): void {
  const { id, legs } = run.effect('ask-checks')
  run.send({
    type: 'checks.reported',
    effect: id,
    legs: legs.map(({ leg, head }) =>
      leg === WEB ? checksOf(leg, head, checks, { redOnBase }) : checksOf(leg, head, api, { redOnBase: [] }),
    ),
  })
}

describe('[GATE-4] a failure that the base branch has too', () => {
  test('is said to be so and not charged: no fixer, a person is asked', () => {
    const run = gate()
    report(run, red, ['test'])
    expect(fixers(run)).toBe(0)
    expect(run.wait()).toMatchObject({ for: 'person', what: 'evidence' })
    expect(said(run)).toBe('already red on the base branch: test in acme/web')
    expect(run.last.facts.map(({ text }) => text)).toContain('already red on the base branch: test in acme/web')
  })

  test('proceed goes on with these checks at these heads; the merge knows of them', () => {
    const run = gate()
    report(run, red, ['test'])
    run.say('command.proceed', {})
    report(run, red, ['test'])
    expect(run.step('ci').output).toMatchObject({
      accepted: [{ leg: WEB, head: run.leg(WEB).head, name: 'test' }],
      checks: 2,
    })
    expect(said(run)).toBe('1 green, 1 red and accepted')
    const open = openLegs(run.run)
    run.send({
      type: 'pulls.reported',
      effect: run.effect('ask-pulls').id,
      pulls: open.map((leg) => pullSeen(leg, 'unstable')),
      checks: open.map(({ key, head }) => checksOf(key, head, key === WEB ? red : [aCheck()])),
    })
    expect(run.effect('merge-pull').leg).toBe(API)
  })

  test('what was accepted is not accepted at another head, nor another check beside it', () => {
    const run = gate()
    report(run, red, ['test'])
    run.say('command.proceed', {})
    report(run, [...red, aCheck('failure', 'lint')], ['test'])
    expect(run.effect('enqueue-job').evidence).toContain('lint')
    run.finish(worked([pushed(run.leg(WEB), sha('fixed'))]))
    report(run, red, ['test'])
    expect(run.wait()).toMatchObject({ for: 'person', what: 'evidence' })
  })

  test('a check that is accepted and turns red at the merge beside a new one goes back to the gate', () => {
    const run = gate()
    report(run, red, ['test'])
    run.say('command.proceed', {})
    report(run, red, ['test'])
    const open = openLegs(run.run)
    run.send({
      type: 'pulls.reported',
      effect: run.effect('ask-pulls').id,
      pulls: open.map((leg) => pullSeen(leg)),
      checks: open.map(({ key, head }) => checksOf(key, head, [aCheck('failure', 'lint')])),
    })
    expect(run.step('ci')).toMatchObject({ epoch: 2, status: { state: 'active' } })
  })

  test('beside new failures the fixer gets the new ones, and a note about the others', () => {
    const run = gate()
    report(run, [...red, { ...aCheck('failure', 'lint'), log: 'no semicolon' }], ['test'])
    const { evidence } = run.effect('enqueue-job')
    expect(evidence).toContain('no semicolon')
    expect(evidence).toContain('leave it alone: test in acme/web')
    expect(evidence).not.toContain('test (failure)')
    expect(run.last.facts.map(({ text }) => text).join()).toContain('already red on the base branch: test in acme/web')
    expect(said(run)).toBe('fixing lint in acme/web')
  })

  test('a person may send a fixer, or have it looked at again', () => {
    const run = gate()
    report(run, red, ['test'])
    run.say('command.retry', {})
    report(run, red, ['test'])
    expect(run.wait()).toMatchObject({ for: 'person', what: 'evidence' })
    run.say('command.extra-round', {})
    expect(run.effect('enqueue-job').evidence).toContain('test (failure)')
  })

  test('where the failures are the change’s own, proceed is refused', () => {
    const run = gate({ attempts: 0 })
    report(run, red, [])
    expect(run.say('command.proceed', {}).result).toBe('refused')
  })
})

describe('[GATE-4] flaky jobs run again first', () => {
  const rerun = (run: Drive, count = 1, refused: string | null = null) =>
    run.send({ type: 'checks.rerun', effect: run.effect('rerun-checks').id, rerun: count, refused })
  const reruns = (run: Drive) => run.all.filter(({ kind }) => kind === 'rerun-checks').length
  const again = (run: Drive, checks: CheckSeen[]) => {
    run.now += 60_000
    run.send({ type: 'timer.fired', timer: `ci-${run.step('ci').epoch}-sweep` })
    reportChecks(run, checks)
  }

  test('a head that a late webhook brings back has used up its own', () => {
    const run = gate({ reruns: 1 })
    const old = run.leg(WEB).head ?? sha('none')
    reportChecks(run, red)
    rerun(run)
    again(run, red)
    run.finish(worked([pushed(run.leg(WEB), sha('fixed')), pushed(run.leg(API), sha('fixed too'))]))
    reportChecks(run, red)
    rerun(run)
    expect(reruns(run)).toBe(2)
    run.send({ type: 'pull.changed', leg: WEB, pull: aPull(1, { draft: false }), head: old, by: 'bob' })
    reportChecks(run, red)
    expect(reruns(run)).toBe(2)
    expect(fixers(run)).toBe(2)
  })

  test('twice for a head, and only then a fixer; a new head has its own', () => {
    const run = gate({ reruns: 2 })
    reportChecks(run, red)
    expect(run.effect('rerun-checks').legs).toEqual([
      { leg: WEB, head: run.leg(WEB).head, names: ['test'] },
      { leg: API, head: run.leg(API).head, names: ['test'] },
    ])
    for (const count of [1, 2]) {
      expect(reruns(run)).toBe(count)
      expect(fixers(run)).toBe(0)
      rerun(run)
      again(run, red)
    }
    expect(reruns(run)).toBe(2)
    expect(fixers(run)).toBe(1)
    run.finish(worked([pushed(run.leg(WEB), sha('fixed')), pushed(run.leg(API), sha('fixed too'))]))
    reportChecks(run, red)
    expect(reruns(run)).toBe(3)
  })

  test('green the second time: no fixer', () => {
    const run = gate({ reruns: 2 })
    reportChecks(run, red)
    rerun(run)
    again(run, [aCheck('pending')])
    again(run, [aCheck()])
    expect(fixers(run)).toBe(0)
    expect(run.step('ci').status.state).toBe('done')
  })

  test.each([
    ['nothing could run again', (run: Drive) => rerun(run, 0)],
    ['it is not permitted', (run: Drive) => rerun(run, 0, 'no permission for actions')],
    [
      'GitHub fails',
      (run: Drive) => run.send({ type: 'effect.failed', effect: run.effect('rerun-checks').id, failure: aFailure('api') }),
    ],
  ])('the fixer is next at once where %s', (_what, answer) => {
    const run = gate({ reruns: 2 })
    reportChecks(run, red)
    answer(run)
    expect(fixers(run)).toBe(1)
    expect(run.run.status.state).toBe('active')
  })

  test('a commit status has no job to run again', () => {
    const run = gate({ reruns: 2 })
    reportChecks(run, { [WEB]: [{ ...aCheck('failure'), source: 'status' }], [API]: [aCheck()] })
    expect(reruns(run)).toBe(0)
    expect(fixers(run)).toBe(1)
  })

  test('what is red on the base branch does not run again', () => {
    const run = gate({ reruns: 2 })
    report(run, [...red, aCheck('failure', 'lint')], ['test'])
    expect(run.effect('rerun-checks').legs).toEqual([{ leg: WEB, head: run.leg(WEB).head, names: ['lint'] }])
  })

  test('the old end of the jobs, still shown right after the re-run, is not taken for a second one', () => {
    const run = gate({ reruns: 1 })
    reportChecks(run, red)
    rerun(run)
    run.send({ type: 'checks.changed', leg: WEB, head: run.leg(WEB).head ?? sha('x') })
    reportChecks(run, red)
    expect(run.wait()).toMatchObject({ for: 'checks' })
    expect(fixers(run)).toBe(0)
    again(run, red)
    expect(fixers(run)).toBe(1)
  })
})

describe('[GATE-4] the end of a job that ran again', () => {
  const end = (job: number): CheckSeen => ({
    ...aCheck('failure'),
    url: `https://github.com/acme/web/actions/runs/1/job/${job}`,
  })

  test('is known by its address and not waited over; while one of several is still the old one, it is', () => {
    const run = gate({ reruns: 1 })
    reportChecks(run, { [WEB]: [end(1)], [API]: [end(2)] })
    run.send({ type: 'checks.rerun', effect: run.effect('rerun-checks').id, rerun: 2, refused: null })
    const hint = () => run.send({ type: 'checks.changed', leg: WEB, head: run.leg(WEB).head ?? sha('x') })
    hint()
    reportChecks(run, { [WEB]: [end(3)], [API]: [end(2)] })
    expect(fixers(run)).toBe(0)
    hint()
    reportChecks(run, { [WEB]: [end(3)], [API]: [end(4)] })
    expect(fixers(run)).toBe(1)
  })
})

test('jobs that were seen running and fail again at once are believed', () => {
  const run = gate({ reruns: 1 })
  reportChecks(run, red)
  run.send({ type: 'checks.rerun', effect: run.effect('rerun-checks').id, rerun: 2, refused: null })
  const hint = { type: 'checks.changed', leg: WEB, head: run.leg(WEB).head ?? sha('x') } as const
  run.send(hint)
  reportChecks(run, [aCheck('pending')])
  run.send(hint)
  reportChecks(run, red)
  expect(fixers(run)).toBe(1)
})

describe('[GATE-5] after a fix', () => {
  test('a head without a check yet is not quiet green where earlier ones had checks: ten minutes', () => {
    const run = gate()
    reportChecks(run, { [WEB]: red, [API]: [aCheck()] })
    run.finish(worked([pushed(run.leg(WEB), sha('fixed'))]))
    const at = run.now
    reportChecks(run, { [WEB]: [], [API]: [aCheck()] })
    expect(said(run)).toBe('no check has appeared yet, 1 fix')
    // Also where the other repository is red, nothing is judged before: a fixer is to see all of it.
    run.now += 5 * 60_000
    run.send({ type: 'timer.fired', timer: `ci-${run.step('ci').epoch}-sweep` })
    reportChecks(run, { [WEB]: [], [API]: red })
    expect(fixers(run)).toBe(1)
    expect(run.wait()).toMatchObject({ for: 'checks' })
    run.now = at + 11 * 60_000
    run.send({ type: 'timer.fired', timer: `ci-${run.step('ci').epoch}-sweep` })
    expect(run.leg(WEB).checkedSha).not.toBe(sha('fixed'))
    reportChecks(run, { [WEB]: [], [API]: [aCheck()] })
    expect(run.leg(WEB).checkedSha).toBe(sha('fixed'))
  })

  test('the grace is the step’s own option', () => {
    const run = gate({ graceMinutes: 3 })
    reportChecks(run, { [WEB]: red, [API]: [aCheck()] })
    run.finish(worked([pushed(run.leg(WEB), sha('fixed'))]))
    reportChecks(run, { [WEB]: [], [API]: [aCheck()] })
    expect(run.wait()).toEqual({ for: 'checks', until: run.now + 180_000 })
  })
})

test('a merge after all of that is at the checked heads', () => {
  const run = reportPulls(reportChecks(gate()))
  expect(run.effect('merge-pull').head).toBe(run.leg(API).checkedSha)
})
