import { describe, expect, test } from 'vitest'
import { API, aStep, sha, stepId, WEB } from '../../../test/support/core/build.ts'
import { type Drive, drive, pushBoth, reportChecks } from '../../../test/support/core/drive.ts'
import { pauseAndResume } from '../../../test/support/core/explored.ts'
import { toGate, toStep, validated } from '../../../test/support/core/gated.ts'
import { aCheck, aPull, failedJob, noop, pushed, reported, worked } from '../../../test/support/core/results.ts'
import { ValidationCommand } from '../../contract/job.ts'
import { describeStep } from '../describe.ts'

const commands = [{ name: 'unit', run: 'npm test' }].map((command) => ValidationCommand.parse(command))
const settings = { settings: { validation: commands } }
const gate = (options = {}) => toStep('validate', options, settings)
const said = (run: Drive) => describeStep(run.run, run.step('validate'))
const GREEN = validated({ unit: true, lint: true })
const RED = validated({ unit: false, lint: true }, 'expected 3, got 4')
const pushBy = (run: Drive, head: string) =>
  run.send({ type: 'pull.changed', leg: WEB, pull: aPull(1), head: sha(head), by: 'bob' })

describe('[STP-11] the configured commands', () => {
  test('all green: the step is done with what they said, for exactly these heads', () => {
    const run = gate()
    expect(run.effect('enqueue-job')).toMatchObject({ role: 'validate', mode: 'validate' })
    expect(said(run)).toBe('its commands run')
    run.finish(GREEN)
    expect(run.step('validate').output).toMatchObject({
      kind: 'validate',
      attempts: 0,
      heads: [WEB, API].map((leg) => ({ leg, head: run.leg(leg).head })),
      checks: [
        { command: 'unit', ok: true },
        { command: 'lint', ok: true },
      ],
    })
    expect(said(run)).toBe('2 commands passed')
  })

  test('a red one goes back to the coder with its name and the end of its output', () => {
    const run = gate()
    run.finish(validated({ unit: false, lint: true }, `${'x'.repeat(9_000)}THE END`))
    expect(run.effect('enqueue-job')).toMatchObject({ step: 'code', role: 'coder' })
    const [feedback] = run.step('code').feedback
    expect(feedback).toMatchObject({ from: 'gate', text: expect.stringMatching(/## unit\n[\s\S]*THE END/) })
    expect(feedback?.text).not.toContain('lint')
    expect(feedback?.text.length).toBeLessThan(9_000)
    pushBoth(run, 'two')
    run.finish(GREEN)
    expect(run.step('validate').output).toMatchObject({ attempts: 1 })
    expect(said(run)).toBe('2 commands passed, sent back once')
  })

  test('it goes to the nearest step before it that makes code', () => {
    const steps = [
      aStep('agent', 'code'),
      aStep('agent', 'more'),
      aStep('agent', 'look', { mode: 'explore' }),
      aStep('validate'),
    ]
    const run = toGate(steps, settings)
    run.finish(worked([pushed(run.leg(WEB), sha('more'))]))
    run.finish(worked())
    run.finish(RED)
    expect(run.effect('enqueue-job').step).toBe('more')
  })

  test('after three times a person decides', () => {
    const run = gate()
    for (const name of ['one', 'two', 'three']) {
      run.finish(RED)
      pushBoth(run, `fix ${name}`)
    }
    run.finish(RED)
    expect(run.wait()).toMatchObject({ for: 'person', what: 'cap' })
    expect(said(run)).toBe('still red: unit')
    run.say('command.extra-round', {})
    expect(run.effect('enqueue-job').step).toBe('code')
    pushBoth(run, 'fix four')
    run.finish(RED)
    expect(run.wait()).toMatchObject({ for: 'person', what: 'cap' })
    run.say('command.changes', { text: 'Round down.' })
    expect(run.step('code').feedback.at(-1)).toMatchObject({ from: 'person', by: 'alice', text: 'Round down.' })
    pushBoth(run, 'fix five')
    run.finish(RED)
    run.say('command.proceed', {})
    expect(run.step('validate').output).toMatchObject({ attempts: 5, checks: [{ ok: false }, { ok: true }] })
    expect(said(run)).toBe('1 red, let pass by a person, sent back 5 times')
  })

  test.each([
    ['no command is configured', [], 'no validation commands are configured'],
    ['none is for a changed repository', [{ ...commands[0], repository: 'acme/docs' }], 'for a repository that was changed'],
  ])('is passed over where %s', (_what, validation, why) => {
    const run = toStep('validate', {}, { settings: { validation: validation.map((one) => ValidationCommand.parse(one)) } })
    expect(run.step('validate').status).toMatchObject({ state: 'skipped', why: expect.stringContaining(why) })
  })

  test('and where nothing was changed', () => {
    const run = drive({ steps: [aStep('agent', 'look', { mode: 'explore' }), aStep('validate')], ...settings })
    run.send({ type: 'run.admitted' })
    run.finish(worked())
    expect(run.step('validate').status).toMatchObject({ state: 'skipped', why: 'nothing was changed' })
  })
})

describe('[GATE-1] the same failing commands on the same heads ask a person', () => {
  test('a coder that changed nothing does not get another round for them', () => {
    const run = gate()
    run.finish(RED)
    run.finish(noop())
    run.finish(RED)
    expect(run.wait()).toMatchObject({ for: 'person', what: 'evidence' })
    expect(said(run)).toBe('red on the same commits as before: unit')
    run.say('command.retry', {})
    run.finish(RED)
    expect(run.wait()).toMatchObject({ for: 'person', what: 'evidence' })
    run.say('command.retry', {})
    run.finish(GREEN)
    expect(run.step('validate').status.state).toBe('done')
  })

  test('other commands on the same heads are another round', () => {
    const run = gate()
    run.finish(RED)
    run.finish(noop())
    run.finish(validated({ unit: true, lint: false }))
    expect(run.effect('enqueue-job').step).toBe('code')
  })

  test('where the coder was skipped there is nobody to send it back to', () => {
    const run = drive({ steps: [aStep('agent', 'one'), aStep('agent', 'two'), aStep('validate')], ...settings })
    run.send({ type: 'run.admitted' })
    run.finish(failedJob('model', [pushed(run.leg(WEB), sha('half'))]))
    run.say('command.skip', { step: stepId('one'), why: '' })
    run.say('command.skip', { step: stepId('two'), why: '' })
    run.finish(RED)
    expect(run.wait()).toMatchObject({ for: 'person', what: 'cap' })
    expect(run.say('command.extra-round', {})).toMatchObject({ result: 'refused', text: expect.stringContaining('proceed') })
    expect(run.say('command.proceed', {}).result).toBe('done')
  })
})

describe('heads', () => {
  test('a push while the commands run: they run again, and nothing was charged', () => {
    const run = gate()
    pushBy(run, 'by hand')
    run.finish(RED)
    expect(run.effect('enqueue-job')).toMatchObject({ step: 'validate', mode: 'validate' })
    run.finish(GREEN)
    expect(run.step('validate').output).toMatchObject({
      attempts: 0,
      heads: expect.arrayContaining([{ leg: WEB, head: sha('by hand') }]),
    })
  })

  test('a push while a person is asked is validated', () => {
    const run = gate({ attempts: 0 })
    run.finish(RED)
    pushBy(run, 'by hand')
    expect(run.wait()).toMatchObject({ for: 'job' })
  })

  test('heads that passed are not validated twice', () => {
    const run = toGate([aStep('agent', 'code'), aStep('validate'), aStep('ci', 'ci', { reruns: 0 }), aStep('merge')], {
      settings: { validation: commands, merge: { by: 'person', method: 'squash' } },
    })
    run.finish(GREEN)
    reportChecks(run, [aCheck()])
    run.say('command.changes', { text: 'again' })
    run.finish(noop())
    expect(run.step('validate').status.state).toBe('done')
    reportChecks(run, [aCheck()])
    run.say('command.changes', { text: 'again' })
    pushBoth(run, 'two')
    expect(run.effect('enqueue-job').step).toBe('validate')
  })
})

describe('failures, pauses and what comes late', () => {
  test.each([
    ['says of no command how it ended', reported({})],
    ['is a noop', noop()],
  ])('a job that %s is never a pass', (_what, result) => {
    const run = gate()
    run.finish(result)
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'no-usable-output' } })
    run.say('command.retry', {})
    run.finish(GREEN)
    expect(run.step('validate').status.state).toBe('done')
  })

  test('a job that failed or was lost is tried again, and nothing was charged', () => {
    const run = gate()
    run.finish(failedJob('git'))
    run.say('command.retry', {})
    run.send({ type: 'job.lost', job: run.job(), why: 'gone' })
    run.say('command.retry', {})
    expect(run.step('validate').data).toMatchObject({ phase: 'running', fixes: 0 })
  })

  test('held and resumed, restarted and skipped in every phase', () => {
    for (const phase of [() => {}, (run: Drive) => run.finish(RED)]) {
      const held = gate({ attempts: 0 })
      phase(held)
      const wait = held.wait()?.for
      pauseAndResume(held)
      expect(held.wait()?.for).toBe(wait)
      held.say('command.restart', { step: stepId('validate') })
      expect(held.step('validate').data).toMatchObject({ phase: 'running', fixes: 0, evidence: [] })
      const skipped = gate({ attempts: 0 })
      phase(skipped)
      skipped.say('command.skip', { step: stepId('validate'), why: 'they are broken' })
      expect(skipped.run.status).toMatchObject({ state: 'done', outcome: 'ready' })
    }
  })

  test('a late or doubled result changes nothing', () => {
    const run = gate({ attempts: 0 })
    const job = run.job()
    run.finish(RED)
    const before = run.run
    run.send({ type: 'job.finished', job, result: GREEN })
    expect(run.run).toBe(before)
  })
})
