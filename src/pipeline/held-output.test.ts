import { describe, expect, test } from 'vitest'
import { API, sha, WEB } from '../../test/support/core/build.ts'
import { type Drive, drive, openPulls, pushBoth, reportChecks, toCi, toCode } from '../../test/support/core/drive.ts'
import { aCheck, failedJob, pushed, worked } from '../../test/support/core/results.ts'
import type { LegResult } from '../contract/job.ts'
import { OutputLimits } from '../contract/output-limits.ts'

const LIMITS = OutputLimits.parse({})
const MEASURED = { patchBytes: 6_000_000, files: 12, fileBytes: 2_097_152 }
const answer = (run: Drive, text: string) => run.say('command.answer', { id: null, text, dismiss: false })

function held(run: Drive, measured = MEASURED): LegResult {
  const largest = [{ path: 'data/big.json', bytes: measured.fileBytes }]
  const push: LegResult['push'] = { status: 'held', measured, limits: LIMITS, largest }
  return { ...pushed(run.leg(WEB), sha('x')), head: null, ahead: 0, changedFiles: [], push }
}

function asked(): Drive {
  const run = toCode(drive())
  run.finish(worked([pushed(run.leg(API), sha('a1')), held(run)]))
  return run
}

describe('[GRD-2] a job whose work is over the output limits', () => {
  test('asks a person: what is over, by how much, the largest files; what was pushed elsewhere is kept', () => {
    const run = asked()
    expect(run.wait()).toMatchObject({ for: 'person', what: 'decision' })
    const { question } = run.step('code')
    expect(question?.text).toContain(
      'The work for acme/web was not pushed: the patch has 5.8 MiB, allowed are 4 MiB; its largest file has 2 MiB, allowed are 1 MiB. The largest: data/big.json (2 MiB).',
    )
    expect(question?.text).not.toContain('files, allowed')
    expect(question?.options).toHaveLength(2)
    expect(run.leg(API).head).toBe(sha('a1'))
    expect(run.last.facts).toContainEqual(expect.objectContaining({ what: 'output.held', step: 'code' }))
    expect(run.all.map(({ kind }) => kind)).not.toContain('open-pulls')
  })

  test('let through: the run’s limits fit what was measured, and the next job pushes what the runner kept, once', () => {
    const run = asked()
    const job = run.run.steps.find(({ id }) => id === 'code')?.question?.output?.job
    expect(answer(run, '1').result).toBe('done')
    expect(run.run.output).toEqual({ ...LIMITS, patchBytes: 6_000_000, fileBytes: 2_097_152 })
    expect(run.effect('enqueue-job')).toMatchObject({ job: run.job(), step: 'code', role: 'coder', pushes: job })
    expect(run.run.decisions).toMatchObject([{ step: 'code', answer: 'Push it as it is', by: 'alice' }])
    run.finish(failedJob('model'))
    run.say('command.retry', {})
    expect(run.effect('enqueue-job')).not.toHaveProperty('pushes')
    openPulls(pushBoth(run))
    expect(run.step('code').status.state).toBe('done')
  })

  test.each(['2', 'Leave the generated files out.'])('answered with %j it is done again, under the same limits', (said) => {
    const run = asked()
    answer(run, said)
    expect(run.run.output).toBeUndefined()
    expect(run.effect('enqueue-job')).toMatchObject({ job: run.job(), step: 'code' })
    expect(run.effect('enqueue-job')).not.toHaveProperty('pushes')
    expect(run.step('code').feedback.at(-1)?.text).toContain('The work for acme/web was not pushed')
  })

  test('[RUN-7] stop ends the run; a restart asks for new work', () => {
    const stopped = asked()
    stopped.say('command.stop', { why: '' })
    expect(stopped.run.status.state).toBe('stopped')
    const run = asked()
    run.say('command.restart', { step: run.step('code').id })
    expect(run.effect('enqueue-job')).not.toHaveProperty('pushes')
  })

  test('a gate’s fixer is asked about too, and its work is pushed when a fixer is due again', () => {
    const run = reportChecks(toCi(drive()), [aCheck('failure')])
    const job = run.job()
    run.finish(worked([held(run)]))
    expect(run.wait()).toMatchObject({ for: 'person', what: 'decision' })
    answer(run, '1')
    reportChecks(run, [aCheck('failure')])
    expect(run.effect('enqueue-job')).toMatchObject({ step: 'ci', role: 'fixer', pushes: job })
  })

  test('where the gate is green by then, nothing is left to push', () => {
    const run = reportChecks(toCi(drive()), [aCheck('failure')])
    run.finish(worked([held(run)]))
    answer(run, '1')
    reportChecks(run)
    expect(run.step('ci').status.state).toBe('done')
    expect(run.step('ci')).not.toHaveProperty('pushes')
  })
})
