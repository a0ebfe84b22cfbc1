import { describe, expect, test } from 'vitest'
import { API, BY_MONA, HARSH, type Story, story, WEB } from '../../test/support/example-runs.ts'
import type { Cause } from '../contract/failure.ts'
import type { Run, Step } from '../pipeline/model.ts'
import { legOf } from '../pipeline/state.ts'
import { renderCheckRuns } from './check-run.ts'

function checks(tale: Story, key = API) {
  return Object.fromEntries(renderCheckRuns(tale.run, legOf(tale.run, key), tale.now).map((check) => [check.name, check]))
}

function withStep(run: Run, id: string, change: Partial<Step>): Run {
  return { ...run, steps: run.steps.map((step) => (step.id === id ? { ...step, ...change } : step)) }
}

describe('[CMD-8] check runs on a leg’s head', () => {
  test('there are none while the leg has no head', () => {
    expect(renderCheckRuns(story('coding').run, legOf(story('coding').run, API), 0)).toEqual([])
  })

  test('one per stage that has begun, and one for the change set', async () => {
    const seen = checks(story('waiting for checks'))
    expect(Object.keys(seen)).toEqual([
      'switchyard / plan',
      'switchyard / code',
      'switchyard / review',
      'switchyard / ci',
      'switchyard / change set',
    ])
    expect(seen['switchyard / review']).toMatchObject({ status: 'completed', conclusion: 'success' })
    expect(seen['switchyard / ci']).toMatchObject({ status: 'in_progress' })
    expect(seen['switchyard / change set']).toMatchObject({ status: 'in_progress' })
    await expect(`${JSON.stringify(seen, null, 2)}\n`).toMatchFileSnapshot('golden/check-runs.json')
  })

  test('[REP-6] a verdict for an earlier head is no success of this one', () => {
    const tale = story('asking for checks')
      .checks(1, 'failure')
      .notRerun()
      .job(4, { summary: 'Fixed.', checks: [] }, { [WEB]: 'd'.repeat(40) as never })
    expect(checks(tale, API)['switchyard / review']).toMatchObject({ conclusion: 'success' })
    expect(checks(tale, WEB)['switchyard / review']).toMatchObject({ status: 'queued' })
    expect(checks(tale, WEB)['switchyard / review']).not.toHaveProperty('conclusion')
  })

  test('findings become annotations of the leg they are in, and at most 50', () => {
    const { run, now } = story('asking for checks')
    const comment = HARSH.comments[0] ?? { body: '', severity: 'low' }
    const verdict = { ...HARSH, comments: Array.from({ length: 90 }, () => ({ ...comment, body: '@mona look: Closes #1' })) }
    const review = run.steps.find((step) => step.id === 'review')
    if (review?.output?.kind !== 'companion') throw new Error('no verdict')
    const changed = withStep(run, 'review', { output: { ...review.output, verdict } })
    const on = (key: typeof API) =>
      renderCheckRuns(changed, legOf(changed, key), now).find((check) => check.name === 'switchyard / review')
    expect(on(API)?.annotations).toHaveLength(50)
    expect(on(API)?.annotations[0]).toEqual({
      path: 'src/items.js',
      startLine: 12,
      endLine: 12,
      level: 'failure',
      title: 'Severity: high',
      message: '@\u200bmona look: Cl\u200boses #1',
    })
    expect(on(WEB)?.annotations).toEqual([])
    expect(on(API)?.summary.length).toBeLessThanOrEqual(65_535)
  })

  test.each<[string, Partial<Step>, string]>([
    [
      'waits for a person',
      { status: { state: 'active', wait: { for: 'person', what: 'cap', escalateAt: 0, escalated: false } } },
      'action_required',
    ],
    ['skipped', { status: { state: 'skipped', by: 'mona', why: 'trivial' } }, 'skipped'],
    ['cancelled', { status: { state: 'cancelled' } }, 'cancelled'],
    ['failed', failed('companion'), 'failure'],
    ['timed out', failed('timeout-duration'), 'timed_out'],
    ['stopped', failed('stopped'), 'cancelled'],
  ])('%s is concluded so', (_name, change, conclusion) => {
    const { run, now } = story('asking for checks')
    const seen = renderCheckRuns(withStep(run, 'review', change), legOf(run, API), now)
    expect(seen.find((check) => check.name === 'switchyard / review')).toMatchObject({ status: 'completed', conclusion })
  })

  test('accepted by a person at the cap is neutral, not success', () => {
    const { run, now } = story('asking for checks')
    const output = run.steps.find((step) => step.id === 'review')?.output
    if (output?.kind !== 'companion') throw new Error('no verdict')
    const seen = renderCheckRuns(withStep(run, 'review', { output: { ...output, by: 'person' } }), legOf(run, API), now)
    expect(seen.find((check) => check.name === 'switchyard / review')).toMatchObject({ conclusion: 'neutral' })
  })

  test('titles are short', () => {
    for (const check of Object.values(checks(story('waiting for checks'))))
      expect(check.title.split(' ').length).toBeLessThanOrEqual(8)
  })

  test('[CS-4] the change set’s succeeds only when every leg is ready, at its present head', () => {
    const ready = story('asking for checks').checks(2, 'success')
    for (const key of [API, WEB]) expect(checks(ready, key)['switchyard / change set']).toMatchObject({ conclusion: 'success' })
    const moved: Run = {
      ...ready.run,
      legs: ready.run.legs.map((leg) => (leg.key === WEB ? { ...leg, head: 'e'.repeat(40) as never } : leg)),
    }
    for (const key of [API, WEB]) {
      const [check] = renderCheckRuns(moved, legOf(moved, key), ready.now).slice(-1)
      expect(check).toMatchObject({ name: 'switchyard / change set', status: 'in_progress' })
    }
    const stopped = ready.after(1, { type: 'command.stop', ...BY_MONA, why: '' })
    expect(checks(stopped)['switchyard / change set']).toMatchObject({ conclusion: 'cancelled' })
  })
})

function failed(cause: Cause): Partial<Step> {
  return { status: { state: 'failed', failure: { cause, message: 'It did not work.' } } }
}
