import { describe, expect, test } from 'vitest'
import { PIPELINE_STORIES } from '../../test/support/example-pipelines.ts'
import { API, story, WEB } from '../../test/support/example-runs.ts'
import type { Leg, Run } from '../pipeline/model.ts'
import { type StepOutput, StepOutput as StepOutputSchema } from '../pipeline/outputs.ts'
import { legOf } from '../pipeline/state.ts'
import { renderCheckRuns } from './check-run.ts'
import { checkTitle } from './check-title.ts'

const { run } = story('asking for checks')
const leg = legOf(run, API)
const [step] = run.steps

function titled(output: Record<string, unknown>): string {
  if (step === undefined) throw new Error('there is no step')
  return checkTitle(run, { ...step, status: { state: 'done' }, output: StepOutputSchema.parse(output) }, leg)
}

const FINDING = { kind: 'gap', severity: 'low', text: 'x' }
const settled = (how: string) => ({ id: 'Q1', finding: FINDING, how, answer: null, by: null })
const axis = (value: number) => ({ value, why: 'so' })
const report = { greenlight: true, outcomes: [], concerns: [] }
const concern = { severity: 'low', text: 'x' }
const regression = { confidence: 0.8, recommendation: 'revert', evidence: [] }

const TITLES: [string, { kind: StepOutput['kind'] } & Record<string, unknown>][] = [
  ['Document 1a2b3c4: Discounts', { kind: 'artefact', hash: '1a2b3c4', artefact: { title: 'Discounts', markdown: 'x' } }],
  ['Plan 1a2b3c4 approved by mona', { kind: 'approval', hash: '1a2b3c4', by: 'mona', text: null }],
  [
    'Complexity 0.2, risk 0.5, impact 0.4',
    { kind: 'estimate', estimate: { complexity: axis(0.2), risk: axis(0.5), impact: axis(0.4) }, heads: [] },
  ],
  ['Nothing was unclear', { kind: 'questions', brief: 'x', settled: [], rounds: 0 }],
  ['1 of 2 questions settled', { kind: 'questions', brief: 'x', settled: [settled('answered'), settled('open')], rounds: 1 }],
  [
    'Cause found, confidence 0.9',
    { kind: 'diagnosis', diagnosis: { cause: 'x', confidence: 0.9, evidence: [{ text: 'x' }], remedy: 'x' } },
  ],
  ['Accepted, no concern', { kind: 'test', report, by: 'tester', heads: [], rounds: 1 }],
  [
    'Accepted by a person, 1 concern',
    { kind: 'test', report: { ...report, concerns: [concern] }, by: 'person', heads: [], rounds: 3 },
  ],
  ['1 command passed', { kind: 'validate', checks: [{ command: 'npm test', ok: true }], heads: [], attempts: 0 }],
  [
    '1 command red, accepted by a person',
    { kind: 'validate', checks: [{ command: 'npm test', ok: false }], heads: [], attempts: 3 },
  ],
  ['No conflict with the base branch', { kind: 'conflicts', heads: [], resolved: 0 }],
  ['2 conflicts resolved', { kind: 'conflicts', heads: [], resolved: 2 }],
  ['Nothing is open', { kind: 'review', heads: [], approvedBy: [], batches: 0, answered: 0 }],
  [
    'Approved by hubot and 1 more, 3 answered',
    { kind: 'review', heads: [], approvedBy: ['hubot', 'rita'], batches: 1, answered: 3 },
  ],
  ['Deployed to preview', { kind: 'deploy', deployments: [{ leg: API, head: leg.head, environment: 'preview', url: null }] }],
  ['Healthy for the whole window', { kind: 'release', health: 'healthy', signals: [], regression: null }],
  ['No data, so its health is not known', { kind: 'release', health: 'no-data', signals: [], regression: null }],
  ['Regressed', { kind: 'release', health: 'regressed', signals: [], regression }],
  ['Filed acme/web#40', { kind: 'ticket', repository: 'acme/web', number: 40, url: 'https://github.example/x', title: 'x' }],
  [
    '1 of 2 explorations with a result',
    {
      kind: 'parallel',
      results: [
        { id: 'a', role: 'writer', summary: 'x', failed: null },
        { id: 'b', role: 'writer', summary: '', failed: 'lost' },
      ],
    },
  ],
]

describe('[CMD-8] a check run’s title says what came out', () => {
  test.each(TITLES)('%s', (title, output) => {
    expect(titled(output)).toBe(title)
    expect(title.split(' ').length).toBeLessThanOrEqual(8)
  })
})

function checks(of: Run, on: Leg) {
  return Object.fromEntries(renderCheckRuns(of, on, 0).map((check) => [check.name, check]))
}

describe('[CMD-8] check runs of the other stages', () => {
  test('a tester’s concerns are annotations, and it waits for a person', () => {
    const tale = PIPELINE_STORIES['tests need a person']()
    const check = checks(tale.run, legOf(tale.run, WEB))['switchyard / test']
    expect(check).toMatchObject({ status: 'completed', conclusion: 'action_required' })
    expect(check?.annotations).toMatchObject([{ path: 'src/price.js', startLine: 4, level: 'failure' }])
    expect(checks(tale.run, legOf(tale.run, API))['switchyard / test']?.annotations).toEqual([])
  })

  test('what people settle before there is code has none, and what comes after the merge keeps the change set from nothing', () => {
    const asked = PIPELINE_STORIES['questions settled']()
    expect(asked.run.legs.flatMap((one) => renderCheckRuns(asked.run, one, 0))).toEqual([])
    const { run: watched } = PIPELINE_STORIES['release watched']()
    expect(checks(watched, legOf(watched, API))['switchyard / change set']).toMatchObject({ conclusion: 'success' })
  })

  test('[GATE-8] a release without data is neutral, no success', () => {
    const { run: over } = PIPELINE_STORIES['release without data']()
    expect(checks(over, legOf(over, API))['switchyard / release']).toMatchObject({ conclusion: 'neutral' })
  })

  test('a paused stage says so', () => {
    const { run: paused } = PIPELINE_STORIES['pull request closed']()
    expect(checks(paused, legOf(paused, WEB))['switchyard / ci']).toMatchObject({ status: 'in_progress', title: 'Paused' })
  })
})
