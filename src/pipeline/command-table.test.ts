/** Every state a run can be in, and what every command does there: allowed or refused exactly as the table says. */
import { describe, expect, test } from 'vitest'
import {
  type Drive,
  drive,
  mergeNow,
  pushBoth,
  reportChecks,
  reportPulls,
  toApproval,
  toCi,
  toCode,
  toMerge,
} from '../../test/support/core/drive.ts'
import { aCheck, aFailure, worked } from '../../test/support/core/results.ts'
import { reportReviews } from '../../test/support/core/reviews.ts'
import { say, VERBS } from '../../test/support/core/say.ts'
import {
  allClosed,
  asking,
  atBatches,
  atCap,
  blocked,
  closed,
  deciding,
  failedAtCode,
  halfMerged,
  inParallel,
  inReview,
  paused,
  queuedUp,
  redOnBase,
  stopped,
  stoppedHalfMerged,
  stuck,
  waitsToRetry,
} from '../../test/support/core/standing.ts'
import type { Run } from './model.ts'
import { awaitedJobs, currentWait } from './state.ts'

const byPerson = { settings: { merge: { by: 'person', method: 'squash' } } } as const

/** `restart` and `skip` name the step that the run is at. Every verb that is not in a row is refused there. */
const TABLE: readonly [state: string, to: () => Drive, allowed: string][] = [
  ['queued', () => drive(), 'budget skip stop'],
  ['waits for a job', () => toCode(drive()), 'budget pause restart skip stop tell'],
  ['waits for several jobs', inParallel, 'budget pause restart skip stop'],
  ['waits for an effect', () => pushBoth(toCode(drive())), 'budget pause restart skip stop'],
  ['waits for a merge call', () => reportPulls(toMerge(drive())), 'budget pause stop'],
  ['waits for checks', () => reportChecks(toCi(drive()), [aCheck('pending')]), 'budget pause restart skip stop'],
  ['waits for mergeability', blocked, 'budget pause restart skip stop'],
  ['waits for a merge queue', queuedUp, 'budget pause stop'],
  ['waits for a review', () => reportReviews(inReview({ approvals: 1 })), 'budget pause restart skip stop'],
  ['waits to try again', waitsToRetry, 'budget pause restart retry skip stop'],
  ['waits for approval', () => toApproval(drive()), 'approve budget changes pause reject restart skip stop'],
  ['waits at a companion’s cap', atCap, 'budget changes extra-round pause proceed restart skip stop'],
  ['waits at a review’s cap', atBatches, 'budget extra-round pause proceed restart retry skip stop'],
  ['waits over evidence', stuck, 'budget extra-round pause restart retry skip stop'],
  ['waits over what is red on the base', redOnBase, 'budget extra-round pause proceed restart retry skip stop'],
  ['waits for the word to merge', () => toMerge(drive(byPerson)), 'budget changes merge pause restart skip stop'],
  ['waits for answers', asking, 'answer budget changes pause proceed restart skip stop'],
  ['waits for a decision', deciding, 'answer budget pause restart skip stop'],
  ['paused by a person', () => paused('person'), 'budget pause resume stop'],
  ['paused by the installation', () => paused('installation'), 'budget pause resume stop'],
  ['paused by the budget', () => paused('budget'), 'budget pause resume stop'],
  ['paused by a closed pull request', closed, 'budget pause resume stop'],
  ['paused, all pull requests closed', allClosed, 'budget pause stop'],
  ['failed', failedAtCode, 'budget restart retry skip stop'],
  ['failed with a part merged', halfMerged, 'budget retry revert skip stop'],
  ['done', () => mergeNow(mergeNow(reportPulls(toMerge(drive())))), 'revert'],
  ['stopped', stopped, 'stop'],
  ['stopped with a part merged', stoppedHalfMerged, 'revert stop'],
]

/** What came for the wait that the command ended: results, answers and timers of the epochs before. */
function late(run: Drive, before: Run): void {
  const wait = currentWait(before)
  const step = before.steps.find(({ status }) => status.state === 'active')
  const gone = awaitedJobs(wait).filter(
    (job) => !awaitedJobs(currentWait(run.run)).includes(job) || run.run.status.state !== 'active',
  )
  for (const job of gone) {
    const held = run.run
    run.send({ type: 'job.finished', job, result: worked() })
    run.send({ type: 'job.lost', job, why: 'late' })
    expect(run.run).toBe(held)
  }
  const now = currentWait(run.run)
  const open = run.run.status.state === 'active' && now?.for === 'effect' ? now.effect : null
  if (wait?.for === 'effect' && wait.effect !== open) {
    const { steps, status } = run.run
    run.send({ type: 'effect.failed', effect: wait.effect, failure: aFailure('api') })
    expect({ steps: run.run.steps, status: run.run.status }).toEqual({ steps, status })
  }
  const current = run.run.steps.find(({ id }) => id === step?.id)
  if (step === undefined || current === undefined || current.epoch === step.epoch) return
  for (const name of ['sweep', 'escalate', 'retry']) {
    const held = run.run
    run.send({ type: 'timer.fired', timer: `${step.id}-${step.epoch}-${name}` })
    expect(run.run).toBe(held)
  }
}

describe.each(TABLE)('[RUN-4] [RUN-5] [RUN-6] [RUN-7] a run that is %s', (_state, to, allowed) => {
  const verbs = allowed.split(' ')

  test('the row names commands that there are', () => {
    expect(VERBS).toEqual(expect.arrayContaining(verbs))
  })

  test.each(VERBS)('%s', (verb) => {
    const run = to()
    const before = run.run
    const answer = say(run, verb)
    expect(run.last.effects.filter(({ kind }) => kind === 'answer')).toEqual([answer])
    expect({ verb, result: answer.result, text: answer.text }).toMatchObject({
      result: verbs.includes(verb) ? 'done' : 'refused',
    })
    // Configuration and settings are the run's own, whatever is said.
    expect(run.run.settings).toEqual(before.settings)
    expect(run.run.steps.map(({ config }) => config)).toEqual(before.steps.map(({ config }) => config))
    if (answer.result === 'refused') {
      // A reason, and a sentence's worth of it.
      expect(answer.text).toMatch(/\w+ \w+ .*[.!?]$/s)
      expect({ ...run.run, version: 0 }).toEqual({ ...before, version: 0 })
      return
    }
    for (const [index, step] of run.run.steps.entries()) {
      const old = before.steps[index]
      expect(step.epoch).toBeGreaterThanOrEqual(old?.epoch ?? 0)
      const works = awaitedJobs(step.status.state === 'active' ? step.status.wait : null)
      const worked = awaitedJobs(old?.status.state === 'active' ? old.status.wait : null)
      // Whoever works again works under an epoch of its own.
      if (works.join() !== worked.join() && works.length > 0) expect(step.epoch).toBeGreaterThan(old?.epoch ?? 0)
    }
    late(run, before)
  })
})
