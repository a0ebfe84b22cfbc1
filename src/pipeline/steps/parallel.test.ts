import { describe, expect, test } from 'vitest'
import { aStep, stepId } from '../../../test/support/core/build.ts'
import { type Drive, drive } from '../../../test/support/core/drive.ts'
import { pauseAndResume, undecided } from '../../../test/support/core/explored.ts'
import { aFailure, failedJob, noop, reported } from '../../../test/support/core/results.ts'
import { JobId } from '../../contract/ids.ts'
import type { JobResult } from '../../contract/job.ts'
import { checkPipeline } from '../definitions.ts'
import { describeStep } from '../describe.ts'

const CHILDREN = [
  { id: 'market', role: 'researcher', assignment: 'What do others do?' },
  { id: 'code', role: 'researcher' },
  { id: 'risks', role: 'analyst' },
]
const exploring = (settings = {}) => {
  const run = drive({ steps: [aStep('parallel', 'explore', { steps: CHILDREN }), aStep('agent', 'code')], settings })
  run.send({ type: 'run.admitted' })
  return run
}
const job = (epoch: number) => JobId.parse(`run1-explore-${epoch}`)
const end = (run: Drive, epoch: number, result: JobResult) => run.send({ type: 'job.finished', job: job(epoch), result })
const found = (summary: string) => reported({ summary })
const enqueued = (run: Drive) => run.last.effects.filter((effect) => effect.kind === 'enqueue-job')

describe('[STP-17] several explorations at once', () => {
  test('each has a job of its own, with its role and assignment, in no earlier session', () => {
    const run = exploring()
    expect(enqueued(run)).toMatchObject([
      { job: job(1), role: 'researcher', mode: 'explore', assignment: 'What do others do?', session: 'fresh' },
      { job: job(2), role: 'researcher', mode: 'explore', assignment: null },
      { job: job(3), role: 'analyst', mode: 'explore', assignment: null },
    ])
    expect(run.wait()).toEqual({ for: 'jobs', jobs: [job(1), job(2), job(3)] })
  })

  test('the run goes on when all are done, with the results in the order of the configuration', () => {
    const run = exploring()
    end(run, 3, found('third'))
    end(run, 1, found('first'))
    expect(run.wait()).toEqual({ for: 'jobs', jobs: [job(2)] })
    expect(describeStep(run.run, run.step('explore'))).toBe('2 of 3 done')
    end(run, 2, noop())
    expect(run.step('explore').output).toEqual({
      kind: 'parallel',
      results: [
        { id: 'market', role: 'researcher', summary: 'first', failed: null },
        { id: 'code', role: 'researcher', summary: 'It is there already.', failed: null },
        { id: 'risks', role: 'analyst', summary: 'third', failed: null },
      ],
    })
    expect(run.job()).toBe('run1-code-1')
    expect(run.step('explore').usage).toEqual({ inputTokens: 30 })
  })

  test('one that fails, is lost, cannot be enqueued or asks for a decision is recorded; the rest counts', () => {
    const steps = [...CHILDREN, { id: 'more', role: 'analyst' }, { id: 'last', role: 'analyst' }]
    const run = drive({ steps: [aStep('parallel', 'explore', { steps })] })
    run.send({ type: 'run.admitted' })
    end(run, 1, failedJob('model'))
    run.send({ type: 'job.lost', job: job(2), why: 'gone' })
    run.send({ type: 'effect.failed', effect: `${job(3)}-enqueue`, failure: aFailure('dispatch', 'no queue') })
    end(run, 4, undecided('Cents or euros?'))
    expect(run.wait()).toEqual({ for: 'jobs', jobs: [job(5)] })
    expect(describeStep(run.run, run.step('explore'))).toBe('0 of 5 done, 4 failed')
    end(run, 5, found('fifth'))
    expect(run.step('explore').output).toMatchObject({
      results: [
        { id: 'market', failed: 'it did not work', summary: '' },
        { id: 'code', failed: `The job ${job(2)} was lost: gone` },
        { id: 'risks', failed: 'no queue' },
        { id: 'more', failed: 'The agent needs a decision: Cents or euros?' },
        { id: 'last', failed: null, summary: 'fifth' },
      ],
    })
  })

  test('a second answer, or one for a job that is over, changes nothing', () => {
    const run = exploring()
    end(run, 1, found('first'))
    const before = run.run
    end(run, 1, found('other'))
    run.send({ type: 'job.lost', job: job(1), why: 'gone' })
    run.send({ type: 'effect.failed', effect: 'other-1-enqueue', failure: aFailure() })
    expect(run.run).toBe(before)
  })
})

describe('where none succeeds', () => {
  const allFailed = (settings = {}) => {
    const run = exploring(settings)
    end(run, 1, failedJob('model'))
    end(run, 2, failedJob('model'))
    run.send({ type: 'job.lost', job: job(3), why: 'gone' })
    return run
  }

  test('the step has failed, and says what happened to each; a retry asks for all again', () => {
    const run = allFailed()
    expect(run.run.status).toMatchObject({
      state: 'failed',
      failure: { cause: 'model', message: expect.stringMatching(/^None of the explorations.*market: .*code: .*risks: .*lost/) },
    })
    run.say('command.retry', {})
    expect(run.wait()).toEqual({ for: 'jobs', jobs: [job(4), job(5), job(6)] })
  })

  test('[FAIL-2] it is tried again by itself where its cause allows', () => {
    const run = allFailed({ retry: { cap: 0, infrastructure: 1, gapMs: 1_000 } })
    expect(run.wait()).toMatchObject({ for: 'retry' })
    run.now += 10_000
    run.send({ type: 'timer.fired', timer: 'explore-3-retry' })
    expect(run.wait()).toEqual({ for: 'jobs', jobs: [job(4), job(5), job(6)] })
  })
})

describe('held and begun again', () => {
  test('[RUN-6] a pause stops those that work and a resume asks again only for them', () => {
    const run = exploring()
    end(run, 1, found('first'))
    end(run, 2, failedJob('model'))
    run.say('command.pause', { why: '', cause: 'person' })
    expect(run.last.effects.filter(({ kind }) => kind === 'cancel-job')).toMatchObject([{ job: job(3), keep: true }])
    run.say('command.resume', {})
    expect(enqueued(run)).toMatchObject([{ job: job(4), role: 'analyst' }])
    expect(run.wait()).toEqual({ for: 'jobs', jobs: [job(4)] })
    end(run, 4, found('third'))
    expect(run.step('explore').output).toMatchObject({
      results: [{ summary: 'first' }, { failed: 'it did not work' }, { summary: 'third' }],
    })
  })

  test('[RUN-4] a restart begins all anew; [RUN-7] a stop cancels each', () => {
    const run = exploring()
    end(run, 1, found('first'))
    run.say('command.restart', { step: stepId('explore') })
    expect(run.last.effects.filter(({ kind }) => kind === 'cancel-job')).toMatchObject([{ job: job(2) }, { job: job(3) }])
    expect(run.wait()).toEqual({ for: 'jobs', jobs: [job(4), job(5), job(6)] })
    run.say('command.stop', { why: '' })
    expect(run.last.effects.filter(({ kind }) => kind === 'cancel-job')).toHaveLength(3)
  })

  test('[RUN-5] skipped, it cancels what works and goes on', () => {
    const run = exploring()
    pauseAndResume(run)
    run.say('command.skip', { step: stepId('explore'), why: '' })
    expect(run.last.effects.filter(({ kind }) => kind === 'cancel-job')).toHaveLength(3)
    expect(run.job()).toBe('run1-code-1')
  })
})

test('the check of the shape wants two to ten of them, with names of their own', () => {
  const faults = (steps: object[]) => checkPipeline([aStep('parallel', 'explore', { steps })]).map(({ path }) => path.join('.'))
  expect(faults(CHILDREN)).toEqual([])
  expect(faults(CHILDREN.slice(0, 1))).toEqual(['0.steps'])
  expect(faults([...CHILDREN, { id: 'code', role: 'analyst' }])).toEqual(['0.steps'])
  expect(faults(Array.from({ length: 11 }, (_, index) => ({ id: `s${index}`, role: 'analyst' })))).toEqual(['0.steps'])
})
