import { describe, expect, test } from 'vitest'
import { aStep, stepId } from '../../../test/support/core/build.ts'
import { type Drive, drive, pushBoth } from '../../../test/support/core/drive.ts'
import { anArtefact, diagnosed, pauseAndResume, written } from '../../../test/support/core/explored.ts'
import { toGate } from '../../../test/support/core/gated.ts'
import { aFailure, planned, reported, worked } from '../../../test/support/core/results.ts'
import type { JobResult } from '../../contract/job.ts'
import { describeStep } from '../describe.ts'
import type { StepConfig } from '../model.ts'

/** These steps with their results, then the ticket. */
function gate(before: [StepConfig, JobResult][], options = {}, after: StepConfig[] = []): Drive {
  const run = drive({ steps: [...before.map(([step]) => step), aStep('ticket', 'ticket', options), ...after] })
  run.send({ type: 'run.admitted' })
  for (const [, result] of before) run.finish(result)
  return run
}
const aDocument = (id = 'analysis', artefact = anArtefact()): [StepConfig, JobResult] => [
  aStep('document', id, { role: 'analyst' }),
  written(artefact),
]
const look = (summary: string, title?: string): [StepConfig, JobResult] => [
  aStep('agent', 'look', { mode: 'explore' }),
  reported({ summary, ...(title === undefined ? {} : { title }) }),
]
function file(run: Drive, number = 12): Drive {
  const { id, repository } = run.effect('file-ticket')
  run.send({ type: 'ticket.filed', effect: id, repository, number, url: `https://github.com/${repository}/issues/${number}` })
  return run
}
const said = (run: Drive) => describeStep(run.run, run.step('ticket'))

describe('[STP-14] an issue from the step before', () => {
  test('an artefact, in the repository of the task', () => {
    const run = gate([aDocument()])
    expect(run.effect('file-ticket')).toMatchObject({
      step: 'ticket',
      repository: 'acme/web',
      title: 'Taxes',
      body: '## What it is\n\nA tax is shown.',
      labels: [],
    })
    expect(said(run)).toBe('filing an issue')
    file(run)
    expect(run.step('ticket').output).toEqual({
      kind: 'ticket',
      repository: 'acme/web',
      number: 12,
      url: 'https://github.com/acme/web/issues/12',
      title: 'Taxes',
    })
    expect(said(run)).toBe('acme/web#12')
  })

  test('in the configured repository, with labels', () => {
    const run = gate([aDocument()], { repository: 'acme/backlog', labels: ['debt'] })
    expect(run.effect('file-ticket')).toMatchObject({ repository: 'acme/backlog', labels: ['debt'] })
  })

  test('the nearest step with a text, or the one that is named', () => {
    const before = [aDocument('first', anArtefact({ title: 'First' })), aDocument('second', anArtefact({ title: 'Second' }))]
    expect(gate(before).effect('file-ticket').title).toBe('Second')
    expect(gate(before, { of: 'first' }).effect('file-ticket').title).toBe('First')
  })

  test.each<[string, [StepConfig, JobResult], string, RegExp]>([
    [
      'a diagnosis',
      [aStep('investigate'), diagnosed()],
      'Bug: Show the price with tax',
      /## Cause\n\nThe tax is added twice\.[\s\S]*src\/cart\.js:3/,
    ],
    [
      'a plan',
      [aStep('plan'), planned()],
      'Show the price with tax',
      /The API says the tax[\s\S]*- acme\/api \(provider\): says the tax/,
    ],
    [
      'an agent’s summary',
      look('Three callers\nare left.', 'Callers\n that are left'),
      'Callers that are left',
      /^Three callers\nare left\./,
    ],
    ['an agent without a title', look('Three callers are left.'), 'Show the price with tax', /^Three callers/],
  ])('%s', (_what, before, title, body) => {
    const effect = gate([before]).effect('file-ticket')
    expect(effect.title).toBe(title)
    expect(effect.body).toMatch(body)
  })

  test('a long text fits the effect', () => {
    const effect = gate([aDocument('long', anArtefact({ title: 'x'.repeat(200), markdown: 'y'.repeat(60_000) }))]).effect(
      'file-ticket',
    )
    expect(effect.body.length).toBeLessThanOrEqual(60_000)
  })

  test('without a text there is no issue: the step fails and says so', () => {
    const run = gate([aDocument(), look('fine')], { of: 'ticket' })
    expect(run.run.status).toMatchObject({
      state: 'failed',
      failure: { cause: 'config', message: expect.stringContaining('ticket') },
    })
  })
})

describe('once', () => {
  test('coming by again, the same issue stands and none is asked for', () => {
    const steps = [aStep('agent', 'code'), aStep('ticket'), aStep('merge')]
    const run = toGate(steps, { settings: { merge: { by: 'person', method: 'squash' } } })
    file(run)
    run.say('command.changes', { text: 'again' })
    pushBoth(run, 'two')
    expect(run.step('merge').status.state).toBe('active')
    expect(run.step('ticket').output).toMatchObject({ number: 12 })
    expect(run.all.filter(({ kind }) => kind === 'file-ticket')).toHaveLength(1)
  })

  test('held and resumed, or tried again after a failure, the same step asks: the handler knows what it filed', () => {
    const run = gate([aDocument()])
    pauseAndResume(run)
    expect(run.effect('file-ticket').step).toBe('ticket')
    run.send({ type: 'effect.failed', effect: run.effect('file-ticket').id, failure: aFailure('permission') })
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'permission' } })
    run.say('command.retry', {})
    file(run)
    expect(run.run.status).toMatchObject({ state: 'done' })
  })

  test('a late, doubled or foreign answer changes nothing', () => {
    const run = gate([aDocument()], {}, [aStep('agent', 'look', { mode: 'explore' })])
    const before = run.run
    run.send({
      type: 'ticket.filed',
      effect: 'foreign',
      repository: 'acme/web',
      number: 1,
      url: 'https://github.com/acme/web/issues/1',
    })
    expect(run.run).toBe(before)
    file(run)
    const after = run.run
    file(run, 13)
    expect(run.run).toBe(after)
    run.finish(worked())
    expect(run.step('ticket').output).toMatchObject({ number: 12 })
  })

  test('restarted and skipped while it is filed', () => {
    const run = gate([aDocument()])
    const { id } = run.effect('file-ticket')
    run.say('command.restart', { step: stepId('ticket') })
    expect(run.effect('file-ticket').id).not.toBe(id)
    run.say('command.skip', { step: stepId('ticket'), why: 'not needed' })
    expect(run.run.status).toMatchObject({ state: 'done' })
  })
})
