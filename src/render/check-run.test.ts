import { describe, expect, test } from 'vitest'
import { API, BY_MONA, HARSH, type Story, story, WEB } from '../../test/support/example-runs.ts'
import { commandOfControl } from '../commands/checkbox.ts'
import type { Cause } from '../contract/failure.ts'
import type { Verdict } from '../contract/report.ts'
import { ACTION_TEXT_MAX, ACTIONS_MAX } from '../github/checks.ts'
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

  test('their pages look as they should: where a person is asked, and where a stage failed', async () => {
    const page = (tale: Story, name: string) => {
      const { title, summary, actions } = checks(tale)[name] ?? { title: '', summary: '', actions: [] }
      const buttons = actions.map(({ label }) => `[${label}]`).join(' ')
      return `${[`## ${name}`, `**${title}**`, summary, buttons].filter((part) => part !== '').join('\n\n')}\n`
    }
    const { run, now } = story('reworking')
    const asked = withStep(withStep(run, 'code', { status: { state: 'done' } }), 'review', {
      status: { state: 'active', wait: { for: 'person', what: 'cap', escalateAt: 0, escalated: false } },
      data: { phase: 'asking', heads: [], verdict: HARSH, gradings: 4, reworks: 3, granted: 0 },
    })
    const tale = Object.assign(story('reworking'), { run: asked, now })
    await expect(page(tale, 'switchyard / review')).toMatchFileSnapshot('golden/check-review.md')
    await expect(page(failing(), 'switchyard / review')).toMatchFileSnapshot('golden/check-failed.md')
    const ready = story('asking for checks').checks(2, 'success')
    await expect(page(ready, 'switchyard / change set')).toMatchFileSnapshot('golden/check-change-set.md')
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

  test("a reviewer's verdict fails the check where a companion would send work back, or anything in it is grave", () => {
    const { run, now } = story('asking for checks')
    const code = run.steps.find((step) => step.id === 'code')?.output
    if (code?.kind !== 'agent') throw new Error('no output')
    const remark = { body: 'Look.', severity: 'low' } as const
    const seen = (verdict: Verdict) => {
      const changed = withStep(run, 'code', { output: { ...code, verdict } })
      const check = renderCheckRuns(changed, legOf(changed, API), now).find(({ name }) => name === 'switchyard / code')
      return check?.status === 'completed' ? check.conclusion : null
    }
    expect(seen({ rating: 0.8, summary: 'Good.', comments: [remark] })).toBe('success')
    expect(seen({ rating: 0.7, summary: 'Not yet.', comments: [remark] })).toBe('failure')
    expect(seen({ rating: 0.9, summary: 'But.', comments: [{ ...remark, severity: 'critical' }] })).toBe('failure')
  })

  test('a pull request that the run is about is in no change set of its', () => {
    const { run, now } = story('asking for checks')
    const leg = legOf(run, API)
    const looking: Run = {
      ...run,
      task: { ...run.task, thread: 'pull', repositoryId: leg.repositoryId, number: leg.pull?.number ?? 0 },
    }
    const names = (of: Run) => renderCheckRuns(of, legOf(of, API), now).map(({ name }) => name)
    expect(names(run)).toContain('switchyard / change set')
    expect(names(looking)).not.toContain('switchyard / change set')
  })

  test('findings become annotations of the leg they are in, and at most 100', () => {
    const { run, now } = story('asking for checks')
    const comment = HARSH.comments[0] ?? { body: '', severity: 'low' }
    const verdict = { ...HARSH, comments: Array.from({ length: 290 }, () => ({ ...comment, body: '@mona look: Closes #1' })) }
    const review = run.steps.find((step) => step.id === 'review')
    if (review?.output?.kind !== 'companion') throw new Error('no verdict')
    const changed = withStep(run, 'review', { output: { ...review.output, verdict } })
    const on = (key: typeof API) =>
      renderCheckRuns(changed, legOf(changed, key), now).find((check) => check.name === 'switchyard / review')
    expect(on(API)?.annotations).toHaveLength(100)
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

describe('[CMD-8] buttons', () => {
  const buttons = (tale: Story, name: string, key = API) => checks(tale, key)[name]?.actions.map(({ identifier }) => identifier)
  const cap = (what: 'cap' | 'evidence') =>
    ({ status: { state: 'active', wait: { for: 'person', what, escalateAt: 0, escalated: false } } }) as const

  test('are at most three, within GitHub’s lengths, each a control that can be read back', () => {
    const states = ['reviewing', 'reworking', 'asking for checks', 'waiting for checks'] as const
    const tales = [...states.map((state) => story(state)), mergeable(), failing()]
    const all = tales.flatMap(({ run, now }) => run.legs.flatMap((leg) => renderCheckRuns(run, leg, now)))
    expect(all.flatMap(({ actions }) => actions).length).toBeGreaterThan(0)
    for (const { actions } of all) {
      expect(actions.length).toBeLessThanOrEqual(ACTIONS_MAX)
      for (const action of actions) {
        for (const field of ['label', 'description', 'identifier'] as const)
          expect(action[field].length, action[field]).toBeLessThanOrEqual(ACTION_TEXT_MAX[field])
        expect(commandOfControl(action.identifier)).not.toBeNull()
      }
    }
  })

  test('on a stage that waits for a person are what it asks, and on no other', () => {
    const { run, now } = story('reworking')
    const asked = withStep(withStep(run, 'code', { status: { state: 'done' } }), 'review', cap('cap'))
    const views = renderCheckRuns(asked, legOf(asked, API), now)
    const of = (name: string) => views.find((view) => view.name === name)?.actions.map(({ label }) => label)
    expect(of('switchyard / review')).toEqual(['One more round', 'Go on'])
    expect(of('switchyard / code')).toEqual([])
    expect(of('switchyard / change set')).toEqual(['Stop'])
  })

  test('on the change set are merging and stopping, and none once it is merged', () => {
    const tale = mergeable()
    expect(buttons(tale, 'switchyard / change set')).toEqual(['merge', 'stop'])
    tale
      .after(1, { type: 'command.merge', ...BY_MONA })
      .pulls()
      .merged()
      .pulls()
      .merged()
    expect(tale.run.status.state).toBe('done')
    expect(buttons(tale, 'switchyard / change set')).toEqual([])
  })

  test('on a failed stage is trying again, and on the change set as well', () => {
    const tale = failing()
    expect(tale.run.status.state).toBe('failed')
    expect(buttons(tale, 'switchyard / review')).toEqual(['retry'])
    expect(buttons(tale, 'switchyard / change set')).toEqual(['retry'])
    expect(buttons(tale, 'switchyard / plan')).toEqual([])
  })
})

/** A run whose change set waits for a person to merge it. */
function mergeable(): Story {
  return story('asking for checks').checks(2, 'success')
}

/** A run whose review failed. */
function failing(): Story {
  return story('reviewing').fail(1)
}

function failed(cause: Cause): Partial<Step> {
  return { status: { state: 'failed', failure: { cause, message: 'It did not work.' } } }
}
