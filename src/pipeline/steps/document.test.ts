import { describe, expect, test } from 'vitest'
import { aStep, stepId } from '../../../test/support/core/build.ts'
import { type Drive, drive } from '../../../test/support/core/drive.ts'
import { anArtefact, pauseAndResume, written } from '../../../test/support/core/explored.ts'
import { failedJob, graded, noop, planned, worked } from '../../../test/support/core/results.ts'
import { describeStep } from '../describe.ts'

const STEPS = [aStep('document', 'spec'), aStep('companion', 'check'), aStep('approval'), aStep('agent', 'code')]
const writing = (steps = STEPS) => {
  const run = drive({ steps })
  run.send({ type: 'run.admitted' })
  return run
}
const hashOf = (run: Drive, step = 'spec') => {
  const { output } = run.step(step)
  return output?.kind === 'artefact' || output?.kind === 'plan' ? output.hash : ''
}

test('[STP-6] a writer yields the document itself, with its hash; what it says about it is not kept', () => {
  const run = writing([aStep('document', 'spec', { assignment: 'Only the API.' }), aStep('agent', 'code')])
  expect(run.effect('enqueue-job')).toMatchObject({ role: 'writer', mode: 'explore', assignment: 'Only the API.' })
  run.finish(written())
  const { output } = run.step('spec')
  expect(output).toEqual({ kind: 'artefact', artefact: anArtefact(), hash: expect.stringMatching(/^[0-9a-f]{7}$/) })
  expect(JSON.stringify(output)).not.toContain('Did it.')
  expect(describeStep(run.run, run.step('spec'))).toBe(`document ${hashOf(run)}`)
})

test('the hash names what people see, and nothing else', () => {
  const hash = (change: object) => {
    const run = writing()
    run.finish(written(anArtefact(change)))
    return hashOf(run)
  }
  expect(hash({ model: 'x' })).toBe(hash({}))
  expect(hash({ markdown: 'another' })).not.toBe(hash({}))
  expect(hash({ title: 'another' })).not.toBe(hash({}))
})

test('success without a document fails the step; a writer that finds nothing to write ends the run', () => {
  const empty = writing()
  empty.finish(worked())
  expect(empty.run.status).toMatchObject({ state: 'failed', failure: { cause: 'no-usable-output' } })
  const none = writing()
  none.finish(noop())
  expect(none.run.status).toMatchObject({ state: 'done', outcome: 'nothing-to-do' })
})

describe('[STP-6] the document is what is graded and approved', () => {
  const graded1 = () => {
    const run = writing()
    run.finish(written())
    run.finish(graded(1))
    return run
  }

  test('[STP-7] a companion grades it and sends it back', () => {
    const run = writing()
    run.finish(written())
    expect(run.effect('enqueue-job')).toMatchObject({ step: 'check', role: 'reviewer', mode: 'explore' })
    run.finish(graded(0.4, ['no example']))
    expect(run.job()).toBe('run1-spec-2')
    expect(run.step('spec').feedback).toMatchObject([{ from: 'companion', text: expect.stringContaining('no example') }])
    run.finish(written(anArtefact({ markdown: 'With an example.' })))
    run.finish(graded(0.8))
    expect(run.wait()).toMatchObject({ for: 'person', what: 'approve' })
    expect(run.step('check').output).toMatchObject({ kind: 'companion', heads: [] })
  })

  test('[STP-8] an approval names its hash', () => {
    const run = graded1()
    expect(describeStep(run.run, run.step('approval'))).toBe(`document ${hashOf(run)}`)
    expect(run.say('command.approve', { hash: 'abcdef0', text: null })).toMatchObject({
      result: 'refused',
      text: expect.stringContaining(`not the current document any more; the current one is \`${hashOf(run)}\``),
    })
    expect(run.say('command.approve', { hash: null, text: null }).text).toContain('Say which document')
    run.say('command.approve', { hash: hashOf(run), text: 'fine' })
    expect(run.step('approval').output).toEqual({ kind: 'approval', hash: hashOf(run), by: 'alice', text: 'fine' })
    expect(run.job()).toBe('run1-code-1')
  })

  test('[STP-8] changes write it again with the words and the earlier text; the old hash is void', () => {
    const run = graded1()
    const old = hashOf(run)
    run.say('command.changes', { text: 'shorter' })
    expect(run.step('spec').feedback).toEqual([
      { from: 'person', by: 'alice', text: 'shorter', earlier: '# Taxes\n\n## What it is\n\nA tax is shown.' },
    ])
    run.finish(written(anArtefact({ markdown: 'Short.' })))
    run.finish(graded(1))
    expect(run.say('command.approve', { hash: old, text: null }).result).toBe('refused')
    expect(run.say('command.approve', { hash: hashOf(run), text: null }).result).toBe('done')
  })

  test('[STP-8] a rejection ends the run', () => {
    const run = graded1()
    run.say('command.reject', { why: 'no' })
    expect(run.run.status).toMatchObject({ failure: { cause: 'rejected', message: 'The document was rejected by alice: no' } })
  })

  test('of several, the nearest before the approval is meant, or the one it names', () => {
    const both = (options: object) => {
      const run = writing([aStep('plan'), aStep('document', 'spec'), aStep('approval', 'approval', { ...options })])
      run.finish(planned())
      run.finish(written())
      return run
    }
    const nearest = both({})
    expect(describeStep(nearest.run, nearest.step('approval'))).toBe(`document ${hashOf(nearest)}`)
    const named = both({ of: 'plan' })
    expect(describeStep(named.run, named.step('approval'))).toBe(`plan ${hashOf(named, 'plan')}`)
    named.say('command.changes', { text: 'use cents' })
    expect(named.job()).toBe('run1-plan-2')
  })
})

test('[RUN-5] skipped before it yields anything, there is nothing to grade and nothing to approve', () => {
  const run = writing()
  run.say('command.skip', { step: stepId('spec'), why: '' })
  expect(run.step('check').status).toMatchObject({ state: 'skipped', why: 'spec was skipped: there is nothing to grade' })
  expect(run.step('approval').status).toMatchObject({ state: 'skipped', why: 'spec was skipped: there is nothing to approve' })
  expect(run.job()).toBe('run1-code-1')
})

test('skipped while it is written again, what is there still wants an approval', () => {
  const run = writing()
  run.finish(written())
  run.finish(graded(1))
  run.say('command.changes', { text: 'shorter' })
  run.say('command.skip', { step: stepId('spec'), why: 'good enough' })
  expect(run.step('check').status.state).toBe('skipped')
  expect(run.wait()).toMatchObject({ for: 'person', what: 'approve' })
  expect(run.say('command.approve', { hash: hashOf(run), text: null }).result).toBe('done')
})

test('[RUN-4] a retry, a pause and a restart ask the writer again; a pause keeps what waits for an approval', () => {
  const run = writing()
  run.finish(failedJob('model'))
  run.say('command.retry', {})
  pauseAndResume(run)
  expect(run.job()).toBe('run1-spec-3')
  run.finish(written())
  pauseAndResume(run)
  expect(run.job()).toBe('run1-check-2')
  run.finish(graded(1))
  pauseAndResume(run)
  expect(run.wait()).toMatchObject({ for: 'person', what: 'approve' })
  run.say('command.restart', { step: stepId('spec') })
  expect(run.job()).toBe('run1-spec-4')
  expect(run.step('spec').output).toBeNull()
})
