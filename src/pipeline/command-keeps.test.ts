/** What commands keep of a run, and what they have begun anew. */
import { describe, expect, test } from 'vitest'
import { aStep, defaultSteps, stepId } from '../../test/support/core/build.ts'
import { drive, reportChecks, toApproval, toCi, toCode, toReview } from '../../test/support/core/drive.ts'
import { aCheck, worked } from '../../test/support/core/results.ts'
import { reportReviews } from '../../test/support/core/reviews.ts'
import { say } from '../../test/support/core/say.ts'
import { begun, blocked, failedAtCode, inReview, paused, stuck, waitsToRetry } from '../../test/support/core/standing.ts'

describe('what is kept and what is begun anew', () => {
  test('[RUN-4] retry keeps what the steps before have yielded, and every option', () => {
    const run = failedAtCode()
    const { output, epoch } = run.step('plan')
    say(run, 'retry')
    expect(run.step('plan')).toMatchObject({ output, epoch, status: { state: 'done' } })
    expect(run.step('code')).toMatchObject({ epoch: 2, status: { state: 'active' } })
  })

  test('[RUN-4] restart forgets the outputs from its step on, and only those', () => {
    const run = stuck()
    run.say('command.restart', { step: stepId('code') })
    expect(run.step('approval').output).not.toBeNull()
    for (const id of ['code', 'review', 'ci']) expect(run.step(id).output).toBeNull()
    expect(run.step('ci')).toMatchObject({ epoch: 1, status: { state: 'pending' } })
    expect(run.job()).toBe('run1-code-2')
  })

  test('[RUN-5] skip says who and why, cancels the job, and goes on', () => {
    const run = toReview(drive())
    const job = run.job()
    run.say('command.skip', { step: stepId('review'), why: 'read it myself' })
    expect(run.step('review').status).toEqual({ state: 'skipped', by: 'alice', why: 'read it myself' })
    expect(run.effect('cancel-job').job).toBe(job)
    expect(run.step('ci').status.state).toBe('active')
  })

  test('[RUN-5] a required step, one that is done and an unknown one are not skipped; twice is once', () => {
    const run = toCode(drive({ steps: defaultSteps({ ci: { required: true } }) }))
    const skip = (step: string) => run.say('command.skip', { step: stepId(step), why: '' })
    expect(skip('ci')).toMatchObject({ result: 'refused', text: expect.stringContaining('required') })
    expect(skip('plan')).toMatchObject({ result: 'refused', text: expect.stringContaining('done already') })
    expect(skip('nonsense')).toMatchObject({ result: 'refused', text: expect.stringContaining('plan, approval, code') })
    expect(skip('review').result).toBe('done')
    const { status } = run.step('review')
    expect(skip('review').result).toBe('done')
    expect(run.step('review').status).toEqual(status)
    expect(run.step('code').status.state).toBe('active')
  })

  test('[RUN-5] the only step that is left is not skipped', () => {
    const run = begun(drive({ steps: [aStep('agent', 'code')] }))
    expect(say(run, 'skip')).toMatchObject({ result: 'refused', text: expect.stringContaining('stop') })
  })

  test('[RUN-6] pause has the job stopped with its work kept; resume goes on in the same step, under a new epoch', () => {
    const run = toCode(drive())
    const job = run.job()
    say(run, 'pause')
    expect(run.effect('cancel-job')).toMatchObject({ job, keep: true })
    expect(run.run.status).toMatchObject({ state: 'paused', by: 'alice', why: 'later', cause: 'person' })
    const held = run.run
    run.send({ type: 'job.finished', job, result: worked() })
    expect(run.run).toBe(held)
    say(run, 'resume')
    expect(run.job()).toBe('run1-code-2')
    expect(run.run.status.state).toBe('active')
  })

  test.each([
    ['checks', () => reportChecks(toCi(drive()), [aCheck('pending')]), 'ci-1-sweep'],
    ['mergeability', blocked, 'merge-1-sweep'],
    ['a review', () => reportReviews(inReview({ approvals: 1 })), 'review-1-sweep'],
  ])('[RUN-6] what was said of %s during a pause is asked for after it', (_what, to, timer) => {
    const run = to()
    say(run, 'pause')
    run.now += 3_600_000
    say(run, 'resume')
    expect(run.last.timers).toContainEqual({ id: timer, at: run.now })
    const asked = run.all.length
    run.send({ type: 'timer.fired', timer })
    expect(run.all.slice(asked).some(({ kind }) => kind.startsWith('ask-'))).toBe(true)
  })

  test('[RUN-6] a wait for a person lasts over a pause, and is escalated after it', () => {
    const run = toApproval(drive())
    const wait = run.wait()
    say(run, 'pause')
    run.now += 10_000_000
    run.send({ type: 'timer.fired', timer: 'approval-1-escalate' })
    expect(run.run.status.state).toBe('paused')
    say(run, 'resume')
    expect(run.wait()).toEqual(wait)
    run.send({ type: 'timer.fired', timer: 'approval-1-escalate' })
    expect(run.wait()).toMatchObject({ escalated: true })
  })

  test('[RUN-6] a run paused before its time to try again tries again after it', () => {
    const run = waitsToRetry()
    say(run, 'pause')
    run.now += 10_000_000
    say(run, 'resume')
    expect(run.last.timers).toContainEqual({ id: 'code-1-retry', at: run.now })
    run.send({ type: 'timer.fired', timer: 'code-1-retry' })
    expect(run.job()).toBe('run1-code-2')
  })

  test('[RUN-7] stop in a pause is a stop', () => {
    const run = paused('person')
    say(run, 'stop')
    expect(run.run.status.state).toBe('stopped')
    expect(say(run, 'resume').result).toBe('refused')
  })
})
