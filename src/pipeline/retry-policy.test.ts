import { describe, expect, test } from 'vitest'
import { defaultSteps, START, sha, WEB } from '../../test/support/core/build.ts'
import { type Drive, drive, reportChecks, toCi, toCode } from '../../test/support/core/drive.ts'
import { aCheck, aFailure, aPull, failedJob, finished, pushed, worked } from '../../test/support/core/results.ts'
import { Cause, type Failure } from '../contract/failure.ts'
import type { JobResult } from '../contract/job.ts'
import { nextAttempt, RETRY_POLICIES, type RetryPolicy } from './retry-policy.ts'

const MINUTE = 60_000
const GAP = 2 * MINUTE
const RETRY = { cap: 3, infrastructure: 5, gapMs: GAP }

/** What each cause leads to by itself: the whole closed list, by hand. */
const TABLE: Record<Cause, RetryPolicy> = {
  config: 'never',
  permission: 'never',
  rejected: 'never',
  stopped: 'never',
  'no-changes': 'never',
  conflict: 'never',
  ci: 'never',
  tests: 'never',
  companion: 'never',
  budget: 'never',
  'timeout-inactivity': 'same-session',
  'timeout-duration': 'same-session',
  agent: 'fresh-session',
  'no-usable-output': 'fresh-session',
  'no-progress': 'fresh-session',
  dispatch: 'infrastructure',
  evicted: 'infrastructure',
  git: 'infrastructure',
  api: 'infrastructure',
  internal: 'infrastructure',
  model: 'wait',
  'rate-limit': 'wait',
}

const coding = () => toCode(drive({ settings: { retry: RETRY } }))
const failed = (cause: Cause, change: Partial<Failure> = {}): JobResult => ({
  ...failedJob(cause),
  status: 'failed',
  failure: { ...aFailure(cause), ...change },
})
/** The pause is over, and the next attempt begins. */
function next(run: Drive): void {
  const wait = run.wait()
  if (wait?.for !== 'retry') throw new Error(`the run waits for ${JSON.stringify(wait)}`)
  run.now = wait.until
  const { id, epoch } = run.step('code')
  run.send({ type: 'timer.fired', timer: `${id}-${epoch}-retry` })
}
const until = (run: Drive) => {
  const wait = run.wait()
  return wait?.for === 'retry' ? wait.until - run.now : null
}

describe('[FAIL-2] what a cause leads to', () => {
  test('the table names every cause, and nothing else', () => {
    expect(Object.keys(TABLE).toSorted()).toEqual(Cause.options.toSorted())
    expect(RETRY_POLICIES).toEqual(TABLE)
  })

  test.each(Cause.options)('%s', (cause) => {
    const run = coding()
    run.finish(failed(cause))
    const { session } = run.effect('enqueue-job')
    expect(session).toBe('same')
    if (cause === 'budget') {
      // No agent's failure: it goes on when there is money again.
      expect(run.run.status).toMatchObject({ state: 'paused', cause: 'budget' })
      return
    }
    if (TABLE[cause] === 'never') {
      expect(run.run.status).toMatchObject({ state: 'failed', step: 'code', failure: { cause } })
      return
    }
    expect(run.run.status.state).toBe('active')
    expect(until(run)).toBe(GAP)
    expect(run.last.facts).toContainEqual(expect.objectContaining({ what: 'step.retries', text: `${cause}: it did not work` }))
    next(run)
    expect(run.job()).toBe('run1-code-2')
    expect(run.effect('enqueue-job').session).toBe(TABLE[cause] === 'fresh-session' ? 'fresh' : 'same')
  })
})

describe('[FAIL-2] how often, and how soon', () => {
  const step = (own: number, infrastructure: number) => ({ ...coding().step('code'), retries: { own, infrastructure } })
  const at = (failure: Failure, own = 0, infrastructure = 0) => nextAttempt(failure, step(own, infrastructure), RETRY, START)

  test('the agent’s own failures get three attempts more, at least two minutes apart', () => {
    const run = coding()
    for (let attempt = 0; attempt < 3; attempt += 1) {
      run.finish(failed('agent'))
      expect(until(run)).toBe(GAP)
      next(run)
    }
    run.finish(failed('agent'))
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'agent' } })
    expect(run.step('code')).toMatchObject({ epoch: 4, retries: { own: 3, infrastructure: 0 } })
  })

  test('infrastructure has a budget of its own, and does not touch the other', () => {
    const run = coding()
    for (let attempt = 0; attempt < 5; attempt += 1) {
      run.send({ type: 'job.lost', job: run.job(), why: 'gone' })
      next(run)
    }
    run.finish(failed('agent'))
    expect(run.run.status.state).toBe('active')
    next(run)
    expect(run.step('code').retries).toEqual({ own: 1, infrastructure: 5 })
    run.send({ type: 'job.lost', job: run.job(), why: 'gone' })
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'evicted' } })
  })

  test('a job that could not be put into the queue is tried again as infrastructure', () => {
    const run = coding()
    run.send({ type: 'effect.failed', effect: run.effect('enqueue-job').id, failure: aFailure('dispatch') })
    expect(until(run)).toBe(GAP)
    next(run)
    expect(run.job()).toBe('run1-code-2')
  })

  test.each(['api', 'rate-limit', 'permission'] as const)('what is not a job’s end fails the step: %s', (cause) => {
    const run = toCi(drive({ settings: { retry: RETRY } }))
    run.send({ type: 'effect.failed', effect: run.effect('ask-checks').id, failure: aFailure(cause) })
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause } })
  })

  test('the agent’s word can lower what is allowed', () => {
    expect(at({ ...aFailure('agent'), retryable: false })).toBeNull()
    const run = coding()
    run.finish(finished({ status: 'failed', nonce: '0123456789abcdef', summary: 'It cannot be done.' }))
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'agent', retryable: false } })
  })

  test('and never raise it: not past the cap, and not for a cause that is never tried again', () => {
    const willing = { retryable: true }
    expect(at({ ...aFailure('agent'), ...willing })).not.toBeNull()
    expect(at({ ...aFailure('agent'), ...willing }, 3)).toBeNull()
    expect(at({ ...aFailure('evicted'), ...willing }, 0, 5)).toBeNull()
    for (const cause of ['config', 'permission', 'rejected', 'no-changes', 'ci'] as const)
      expect(at({ ...aFailure(cause), ...willing })).toBeNull()
    const run = coding()
    run.finish(finished({ status: 'failed', nonce: '0123456789abcdef', summary: 'Flaky.', needs_rerun: true }))
    expect(until(run)).toBe(GAP)
  })

  test('the agent’s word does not count for what is not its doing', () => {
    expect(at({ ...aFailure('git'), retryable: false })).not.toBeNull()
  })

  test('a time that was named is waited for, but never less than the gap', () => {
    for (const cause of ['rate-limit', 'model', 'api', 'agent', 'timeout-duration'] as const) {
      expect(at({ ...aFailure(cause), retryAt: START + 40 * MINUTE })?.at).toBe(START + 40 * MINUTE)
      expect(at({ ...aFailure(cause), retryAt: START + 1 })?.at).toBe(START + GAP)
    }
  })

  test('without a time the pauses for the model and its limits grow, up to an hour', () => {
    const pauses = (cause: Cause, settings = RETRY) =>
      [0, 1, 2, 3, 4].map((n) => (nextAttempt(aFailure(cause), step(0, n), settings, START)?.at ?? START) - START)
    expect(pauses('rate-limit')).toEqual([2, 4, 8, 16, 32].map((minutes) => minutes * MINUTE))
    expect(pauses('model')).toEqual(pauses('rate-limit'))
    expect(pauses('api')).toEqual([2, 2, 2, 2, 2].map((minutes) => minutes * MINUTE))
    expect(pauses('rate-limit', { ...RETRY, gapMs: 20 * MINUTE })).toEqual([20, 40, 60, 60, 60].map((m) => m * MINUTE))
    // A gap that is longer than that stays the least.
    expect(pauses('rate-limit', { ...RETRY, gapMs: 90 * MINUTE })[2]).toBe(90 * MINUTE)
  })
})

describe('[FAIL-2] between two attempts', () => {
  test('a firing before its time sets the timer again; a doubled one begins nothing twice', () => {
    const run = coding()
    run.finish(failed('agent'))
    const wait = run.wait()
    run.send({ type: 'timer.fired', timer: 'code-1-retry' })
    expect(run.wait()).toEqual(wait)
    expect(run.last.timers).toEqual([{ id: 'code-1-retry', at: wait?.for === 'retry' ? wait.until : 0 }])
    next(run)
    const held = run.run
    run.send({ type: 'timer.fired', timer: 'code-1-retry' })
    expect(run.run).toBe(held)
  })

  test('a person’s retry begins at once, in the session the policy says, and resets the counters', () => {
    const run = coding()
    for (let attempt = 0; attempt < 2; attempt += 1) {
      run.finish(failed('agent'))
      next(run)
    }
    run.finish(failed('agent'))
    expect(run.step('code').retries.own).toBe(3)
    expect(run.say('command.retry', {}).result).toBe('done')
    expect(run.job()).toBe('run1-code-4')
    expect(run.effect('enqueue-job').session).toBe('fresh')
    expect(run.step('code').retries).toEqual({ own: 0, infrastructure: 0 })
    run.finish(failed('agent'))
    expect(until(run)).toBe(GAP)
  })

  test('a person’s retry of a failed run resets the counters', () => {
    const run = coding()
    for (let attempt = 0; attempt < 3; attempt += 1) {
      run.finish(failed('agent'))
      next(run)
    }
    run.finish(failed('agent'))
    expect(run.run.status.state).toBe('failed')
    run.say('command.retry', {})
    run.finish(failed('agent'))
    expect(until(run)).toBe(GAP)
  })

  test('an attempt that succeeds resets them too', () => {
    const run = coding()
    run.finish(failed('agent'))
    next(run)
    run.finish(worked([pushed(run.leg(WEB), sha('web'))]))
    run.send({ type: 'pulls.opened', effect: run.effect('open-pulls').id, opened: [], failed: [] })
    expect(run.run.status.state).toBe('failed')
    expect(run.step('code').retries).toEqual({ own: 1, infrastructure: 0 })
    const fine = coding()
    fine.finish(failed('agent'))
    next(fine)
    fine.finish(worked([pushed(fine.leg(WEB), sha('web'))]))
    fine.send({
      type: 'pulls.opened',
      effect: fine.effect('open-pulls').id,
      opened: fine.effect('open-pulls').legs.map((leg) => ({
        leg,
        pull: aPull(1),
        head: sha('web'),
      })),
      failed: [],
    })
    expect(fine.step('code').retries).toEqual({ own: 0, infrastructure: 0 })
  })

  test('a fixer that failed leads the gate to ask again, not to send the next one unasked', () => {
    const run = reportChecks(toCi(drive({ settings: { retry: RETRY }, steps: defaultSteps() })), [aCheck('failure')])
    run.finish(failed('agent'))
    run.now += GAP
    run.send({ type: 'timer.fired', timer: `ci-${run.step('ci').epoch}-retry` })
    expect(run.wait()).toEqual({ for: 'effect', effect: run.effect('ask-checks').id })
  })
})

describe('[FAIL-3] the first failure recorded stands', () => {
  test('whatever comes after it', () => {
    const run = coding()
    const job = run.job()
    run.finish(failed('no-changes'))
    const { status } = run.run
    run.send({ type: 'job.finished', job, result: failed('internal') })
    run.send({ type: 'job.lost', job, why: 'gone' })
    run.send({ type: 'effect.failed', effect: `${job}-enqueue`, failure: aFailure('dispatch') })
    run.send({ type: 'effect.failed', effect: run.effect('show').id, failure: aFailure('api') })
    expect(run.run.status).toEqual(status)
    expect(run.step('code').status).toMatchObject({ state: 'failed', failure: { cause: 'no-changes' } })
  })

  test('also while the next attempt is waited for', () => {
    const run = coding()
    const job = run.job()
    run.finish(failed('agent'))
    const wait = run.wait()
    run.send({ type: 'job.lost', job, why: 'gone' })
    run.send({ type: 'effect.failed', effect: `${job}-enqueue`, failure: aFailure('dispatch') })
    expect(run.wait()).toEqual(wait)
  })
})
