import { describe, expect, test } from 'vitest'
import { API, aStep, sha, stepId, WEB } from '../../../test/support/core/build.ts'
import { type Drive, openPulls, pushBoth, reportChecks } from '../../../test/support/core/drive.ts'
import { pauseAndResume, undecided } from '../../../test/support/core/explored.ts'
import { testedWith, toGate, toStep } from '../../../test/support/core/gated.ts'
import { aCheck, aFailure, aPull, failedJob, noop, pushed, reported, worked } from '../../../test/support/core/results.ts'
import { describeStep } from '../describe.ts'

const gate = (options = {}, settings = {}) => toStep('test', options, settings)
const fixWith = (run: Drive, name: string) => run.finish(worked([pushed(run.leg(WEB), sha(name))]))
const said = (run: Drive) => describeStep(run.run, run.step('test'))
const asked = (run: Drive) => run.all.flatMap((effect) => (effect.kind === 'enqueue-job' ? [effect.role] : []))
const pushBy = (run: Drive, head: string) =>
  run.send({ type: 'pull.changed', leg: WEB, pull: aPull(1), head: sha(head), by: 'bob' })

describe('[STP-10] rounds', () => {
  test('a tester explores; the first round passes with a greenlight and no concern', () => {
    const run = gate()
    expect(run.effect('enqueue-job')).toMatchObject({ role: 'tester', mode: 'explore', evidence: null })
    expect(said(run)).toBe('a tester works')
    run.finish(testedWith())
    expect(run.step('test').output).toMatchObject({ kind: 'test', by: 'tester', rounds: 1, report: { greenlight: true } })
    expect(said(run)).toBe('passed')
  })

  test.each([
    ['a concern of low with a greenlight', testedWith(['low'], { greenlight: true })],
    ['no greenlight and no concern', testedWith([], { greenlight: false })],
  ])('the first round does not pass with %s', (_what, result) => {
    const run = gate()
    run.finish(result)
    expect(run.effect('enqueue-job')).toMatchObject({ role: 'fixer', mode: 'code' })
    expect(said(run)).toContain('mending')
  })

  test.each([
    ['medium', true],
    ['high', false],
    ['critical', false],
  ] as const)('a later round with a concern of %s: passes is %s', (severity, passes) => {
    const run = gate()
    run.finish(testedWith(['low']))
    fixWith(run, 'fixed')
    expect(run.effect('enqueue-job').role).toBe('tester')
    run.finish(testedWith(['low', severity]))
    expect(run.step('test').status.state === 'done').toBe(passes)
  })

  test('the fixer gets the report, the worst first, with the heads it is about', () => {
    const run = gate({ fixer: 'mender', role: 'trier' })
    expect(run.effect('enqueue-job').role).toBe('trier')
    run.finish(
      testedWith(['low'], {
        concerns: [
          { severity: 'low', text: 'a typo' },
          { severity: 'critical', text: 'loses orders', repository: 'acme/api', path: 'a.js', line: 3 },
        ],
        outcomes: [{ name: 'order twice', ok: false, detail: 'got one' }],
      }),
    )
    const { evidence, role } = run.effect('enqueue-job')
    expect(role).toBe('mender')
    expect(evidence).toContain(`acme/web at ${run.leg(WEB).head}`)
    expect(evidence).toMatch(
      /- \[critical\] acme\/api:a\.js:3: loses orders\n- \[low\] a typo\nWhat failed:\n- order twice: got one/,
    )
  })

  test('after the fixes are used up a person decides: another round, or on as it is', () => {
    const run = gate({ attempts: 1 })
    run.finish(testedWith(['high']))
    fixWith(run, 'one')
    run.finish(testedWith(['high']))
    expect(run.wait()).toMatchObject({ for: 'person', what: 'cap' })
    expect(said(run)).toBe('the tester found 1 concern, after 1 fix')
    expect(run.say('command.extra-round', {}).result).toBe('done')
    fixWith(run, 'two')
    run.finish(testedWith(['high']))
    expect(run.wait()).toMatchObject({ for: 'person', what: 'cap' })
    expect(run.say('command.approve', { hash: null, text: null }).result).toBe('refused')
    run.say('command.proceed', {})
    expect(run.step('test').output).toMatchObject({ by: 'person', rounds: 3, report: { greenlight: false } })
    expect(said(run)).toBe('let pass by a person, 2 fixes')
  })

  test('a person’s words go to the fixer with the report, and cost no attempt', () => {
    const run = gate({ attempts: 0 })
    run.finish(testedWith(['high']))
    run.say('command.changes', { text: 'Leave the header alone.' })
    expect(run.effect('enqueue-job')).toMatchObject({ role: 'fixer', evidence: expect.stringContaining('something high') })
    expect(run.step('test').feedback).toEqual([{ from: 'person', by: 'alice', text: 'Leave the header alone.' }])
    fixWith(run, 'one')
    run.finish(testedWith())
    expect(run.step('test')).toMatchObject({ status: { state: 'done' }, feedback: [] })
  })
})

describe('[GATE-1] the same heads are not tested again after a fix that changed nothing', () => {
  test.each([
    ['no-changes', failedJob('no-changes')],
    ['a noop', noop()],
    ['success without a push', worked()],
  ])('%s: a person is asked', (_what, result) => {
    const run = gate()
    run.finish(testedWith(['high']))
    run.finish(result)
    expect(run.wait()).toMatchObject({ for: 'person', what: 'evidence' })
    expect(asked(run)).toEqual(['coder', 'tester', 'fixer'])
    expect(said(run)).toBe('the tester found 1 concern, and the fix changed nothing')
  })

  test('a retry tests again at a person’s word; what is bad still does not get a second fixer', () => {
    const run = gate()
    run.finish(testedWith(['high']))
    run.finish(noop())
    run.say('command.retry', {})
    expect(run.effect('enqueue-job').role).toBe('tester')
    run.finish(testedWith(['critical']))
    expect(run.wait()).toMatchObject({ for: 'person', what: 'evidence' })
    run.say('command.extra-round', {})
    expect(run.effect('enqueue-job').role).toBe('fixer')
  })

  test('a push while a person is asked is tested', () => {
    const run = gate({ attempts: 0 })
    run.finish(testedWith(['high']))
    const before = run.run
    run.send({
      type: 'pull.changed',
      leg: WEB,
      pull: run.leg(WEB).pull ?? aPull(1),
      head: run.leg(WEB).head ?? sha('x'),
      by: 'bob',
    })
    expect(run.run).toBe(before)
    pushBy(run, 'by hand')
    expect(run.effect('enqueue-job').role).toBe('tester')
    run.finish(testedWith())
    expect(run.step('test').output).toMatchObject({ heads: expect.arrayContaining([{ leg: WEB, head: sha('by hand') }]) })
  })
})

describe('[REP-6] a report binds to the heads it was given for', () => {
  test('a push while it is tested: it is tested again, and no round is counted', () => {
    const run = gate()
    pushBy(run, 'by hand')
    run.finish(testedWith())
    expect(run.step('test').status.state).toBe('active')
    expect(run.leg(WEB).head).toBe(sha('by hand'))
    run.finish(testedWith(['low']))
    expect(run.effect('enqueue-job').role).toBe('fixer')
  })

  test('a push that was taken back does not count', () => {
    const run = gate()
    const { head } = run.leg(WEB)
    pushBy(run, 'by hand')
    run.send({ type: 'pull.changed', leg: WEB, pull: aPull(1), head: head ?? sha('x'), by: 'bob' })
    run.finish(testedWith())
    expect(run.step('test').status.state).toBe('done')
  })

  test('what the job itself saw on the branch counts, also without a delivery', () => {
    const run = gate()
    run.finish(reported({ test: { greenlight: true, outcomes: [], concerns: [] } }, [pushed(run.leg(WEB), sha('unseen'))]))
    expect(run.effect('enqueue-job').role).toBe('tester')
    run.finish(testedWith())
    expect(run.step('test').output).toMatchObject({ heads: expect.arrayContaining([{ leg: WEB, head: sha('unseen') }]) })
  })

  test('coming by again with the same heads, nothing is tested twice; with another head it is', () => {
    const steps = [aStep('agent', 'code'), aStep('test'), aStep('ci', 'ci', { reruns: 0 }), aStep('merge')]
    const run = toGate(steps, { settings: { merge: { by: 'person', method: 'squash' } } })
    run.finish(testedWith())
    reportChecks(run, [aCheck()])
    run.say('command.changes', { text: 'again' })
    run.finish(noop())
    expect(run.step('test').status.state).toBe('done')
    reportChecks(run, [aCheck()])
    run.say('command.changes', { text: 'again' })
    pushBoth(run, 'two')
    expect(run.effect('enqueue-job').role).toBe('tester')
  })
})

describe('failures, pauses and what comes late', () => {
  test('a tester without a report is never a pass', () => {
    const run = gate()
    run.finish(reported({}))
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'no-usable-output' } })
    run.say('command.retry', {})
    run.finish(noop())
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'no-usable-output' } })
  })

  test('a lost fixer goes on with the same report, and no attempt is lost', () => {
    const run = gate({ attempts: 1 })
    run.finish(testedWith(['high']))
    const { evidence } = run.effect('enqueue-job')
    run.send({ type: 'job.lost', job: run.job(), why: 'gone' })
    run.say('command.retry', {})
    expect(run.effect('enqueue-job')).toMatchObject({ role: 'fixer', evidence })
    run.finish(failedJob('model'))
    run.say('command.retry', {})
    fixWith(run, 'one')
    run.finish(testedWith())
    expect(run.step('test').data).toMatchObject({ fixes: 1 })
  })

  test('a fixer that failed after it pushed: what it pushed is tested', () => {
    const run = gate()
    run.finish(testedWith(['high']))
    run.finish(failedJob('model', [pushed(run.leg(WEB), sha('half'))]))
    run.say('command.retry', {})
    expect(run.effect('enqueue-job').role).toBe('tester')
  })

  test('a fixer’s question is asked; its answer goes to a fixer', () => {
    const run = gate({ attempts: 1 })
    run.finish(testedWith(['high']))
    run.finish(undecided())
    run.say('command.answer', { id: null, text: '1', dismiss: false })
    expect(run.effect('enqueue-job')).toMatchObject({ role: 'fixer', evidence: expect.stringContaining('something high') })
  })

  test('held and resumed: the tester tests anew, the fixer goes on, a person is still waited for', () => {
    const run = gate({ attempts: 1 })
    pauseAndResume(run)
    expect(run.effect('enqueue-job').role).toBe('tester')
    run.finish(testedWith(['high']))
    pauseAndResume(run)
    expect(run.effect('enqueue-job').role).toBe('fixer')
    fixWith(run, 'one')
    run.finish(testedWith(['high']))
    pauseAndResume(run)
    expect(run.wait()).toMatchObject({ for: 'person', what: 'cap' })
  })

  test('restarted and skipped in every phase', () => {
    const phases: ((run: Drive) => void)[] = [
      () => {},
      (run) => run.finish(testedWith(['high'])),
      (run) => {
        run.finish(testedWith(['high']))
        run.finish(noop())
      },
    ]
    for (const phase of phases) {
      const again = gate()
      phase(again)
      again.say('command.restart', { step: stepId('test') })
      expect(again.effect('enqueue-job').role).toBe('tester')
      expect(again.step('test').data).toMatchObject({ phase: 'testing', fixes: 0, rounds: 0, evidence: [] })
      const skipped = gate()
      phase(skipped)
      skipped.say('command.skip', { step: stepId('test'), why: 'in a hurry' })
      expect(skipped.run.status).toMatchObject({ state: 'done', outcome: 'ready' })
    }
  })

  test('late and doubled results change nothing', () => {
    const run = gate()
    const first = run.job()
    run.finish(testedWith(['high']))
    const before = run.run
    run.send({ type: 'job.finished', job: first, result: testedWith() })
    expect(run.run).toBe(before)
  })

  test('a repository that the fixer touched gets its pull request before it is tested again', () => {
    const run = toGate([aStep('agent', 'code'), aStep('test')], {}, [WEB])
    run.finish(testedWith(['high']))
    run.finish(worked([pushed(run.leg(WEB), sha('web 2')), pushed(run.leg(API), sha('api'))]))
    expect(said(run)).toBe('opening pull requests')
    const { id, legs } = run.effect('open-pulls')
    expect(legs).toEqual([API])
    run.send({ type: 'pulls.opened', effect: id, opened: [], failed: [{ leg: API, failure: aFailure('api') }] })
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'api' } })
    run.say('command.retry', {})
    pauseAndResume(run)
    openPulls(run)
    expect(run.effect('enqueue-job').role).toBe('tester')
  })
})
