import { expect, test } from 'vitest'
import { API, aStep, DOCS, sha, WEB } from '../../../test/support/core/build.ts'
import { drive, openPulls, pushBoth, toApproval, toCode, toReview } from '../../../test/support/core/drive.ts'
import { aPlan, failedJob, noop, planned, pushed, worked } from '../../../test/support/core/results.ts'

const toPlan = () => {
  const run = drive()
  run.send({ type: 'run.admitted' })
  return run
}

test('[STP-2] asks a planner that explores and edits nothing, and yields its plan with a hash', () => {
  const run = toPlan()
  expect(run.effect('enqueue-job')).toMatchObject({ role: 'planner', mode: 'explore', epoch: 1 })
  run.finish(planned())
  expect(run.step('plan').output).toMatchObject({ kind: 'plan', hash: expect.stringMatching(/^[0-9a-f]{7}$/) })
})

test('[STP-2] a repository outside the task’s is refused, and the planner is told why', () => {
  const run = toPlan()
  run.finish(planned(aPlan({ repositories: [{ repository: 'evil/other', role: 'consumer', why: '?' }] })))
  expect(run.job()).toBe('run1-plan-2')
  expect(run.step('plan').feedback).toMatchObject([
    { from: 'switchyard', text: expect.stringContaining('evil/other is not among') },
  ])
})

test('[CS-5] a cycle in the merge order is refused at the plan', () => {
  const run = toPlan()
  run.finish(planned(aPlan({ mergeOrder: ['acme/api', 'acme/web', 'acme/api'] })))
  expect(run.job()).toBe('run1-plan-2')
  expect(run.step('plan').feedback.at(-1)?.text).toContain('cycle')
})

test('a plan that is still wrong after two corrections fails the step; a retry begins to count anew', () => {
  const run = toPlan()
  const bad = () => run.finish(planned(aPlan({ mergeOrder: ['acme/none'] })))
  bad()
  bad()
  bad()
  expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'no-usable-output' } })
  run.say('command.retry', {})
  bad()
  expect(run.run.status.state).toBe('active')
})

test.each([
  ['nobody approves it before code is made of it', ['plan', 'agent'], 'run1-plan-2'],
  ['it is approved first', ['plan', 'approval', 'agent'], null],
  ['the approval is of another text', ['plan', 'document', 'approval', 'agent'], 'run1-plan-2'],
  ['nothing is made of it', ['plan'], null],
])('[STP-2] a plan that touches a protected path is or not: %s', (_what, kinds, again) => {
  const steps = kinds.map((kind) => aStep(kind))
  const run = drive({ steps, settings: { protectedPaths: ['infra/**'] } })
  run.send({ type: 'run.admitted' })
  run.finish(planned(aPlan({ files: [{ repository: 'acme/api', path: 'infra/main.tf', change: 'x' }] })))
  expect(run.step('plan').feedback.map(({ text }) => text)).toEqual(
    again === null ? [] : [expect.stringContaining('infra/main.tf is protected')],
  )
})

test('only what the plan names is to be written; reference and left-out repositories are not', () => {
  const run = toPlan()
  run.finish(
    planned(
      aPlan({
        repositories: [
          { repository: 'Acme/API', role: 'provider', why: 'x' },
          { repository: 'acme/docs', role: 'reference', why: 'y' },
        ],
      }),
    ),
  )
  expect([API, WEB, DOCS].map((key) => run.leg(key).planned)).toEqual([true, false, false])
})

test('a repository that has pushed work stays in the change set, also when a later plan forgets it', () => {
  const run = openPulls(pushBoth(toCode(drive())))
  run.say('command.restart', { step: run.step('plan').id })
  run.finish(planned(aPlan({ repositories: [{ repository: 'acme/api', role: 'provider', why: 'x' }] })))
  expect(run.leg(WEB).planned).toBe(true)
})

test('what an earlier job left in a repository that the plan leaves out is not the run’s: nobody could mend it', () => {
  const run = toPlan()
  run.finish(planned(aPlan({ repositories: [{ repository: 'acme/web', role: 'consumer', why: 'x' }] })))
  const { output } = run.step('plan')
  run.say('command.approve', { hash: output?.kind === 'plan' ? output.hash : null, text: null })
  run.finish(worked([pushed(run.leg(WEB), sha('web')), pushed(run.leg(API), sha('left there'))]))
  expect(run.leg(API).head).toBeNull()
  expect(run.effect('open-pulls').legs).toEqual([WEB])
})

test('the merge order is the plan’s; what it leaves out follows, providers first', () => {
  const order = (mergeOrder: string[]) => {
    const run = toPlan()
    run.finish(planned(aPlan({ mergeOrder })))
    return run.run.mergeOrder.filter((key) => key !== DOCS)
  }
  expect(order([])).toEqual([API, WEB])
  expect(order(['acme/web'])).toEqual([WEB, API])
  expect(order(['acme/web', 'acme/api'])).toEqual([WEB, API])
})

test('a failing planner fails the step with its cause; success without a plan is no plan', () => {
  const failed = toPlan()
  failed.finish(failedJob('model'))
  expect(failed.run.status).toMatchObject({ state: 'failed', failure: { cause: 'model' } })
  const empty = toPlan()
  empty.finish(worked())
  expect(empty.run.status).toMatchObject({ state: 'failed', failure: { cause: 'no-usable-output' } })
})

test('a planner that finds nothing to do ends the run', () => {
  const run = toPlan()
  run.finish(noop())
  expect(run.run.status).toMatchObject({ state: 'done', outcome: 'nothing-to-do' })
})

test('the companion of a plan speaks of no heads, so it marks no code as reviewed', () => {
  const steps = [aStep('plan'), aStep('companion', 'check'), aStep('agent', 'code'), aStep('companion', 'review')]
  const run = drive({ steps })
  run.send({ type: 'run.admitted' })
  run.finish(planned())
  const verdict = { rating: 1, summary: 'fine', comments: [] }
  const good = { ...worked(), report: { status: 'success', nonce: '0123456789abcdef', summary: 'x', verdict } } as never
  run.finish(good)
  openPulls(pushBoth(run))
  run.say('command.restart', { step: run.step('plan').id })
  run.finish(planned())
  expect(run.job()).toBe('run1-check-2')
  run.finish(good)
  expect(run.leg(WEB).reviewedSha).toBeNull()
  expect(toReview(drive()).leg(WEB).reviewedSha).toBeNull()
})

test('a plan of another content has another hash', () => {
  const hash = (summary: string) => {
    const run = toPlan()
    run.finish(planned(aPlan({ summary })))
    const { output } = run.step('plan')
    return output?.kind === 'plan' ? output.hash : null
  }
  expect(hash('a')).toBe(hash('a'))
  expect(hash('a')).not.toBe(hash('b'))
  expect(toApproval(drive()).step('approval').status.state).toBe('active')
})
