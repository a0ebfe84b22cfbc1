import { describe, expect, test } from 'vitest'
import { CEILINGS } from '../../test/support/ceilings.ts'
import { settleConfiguration } from '../config/configuration.ts'
import { planRun } from '../config/settings.ts'
import { type Explanation, renderExplanation } from './explain.ts'

const deployment = {
  agent: { runtime: 'claude', model: 'some-model', command: null, allowRepositoryCommands: false },
  limits: { deployment: 50, installation: 20, repository: 5, person: 4 },
  sweeps: { checksMs: 300_000 },
  budgets: CEILINGS,
  debounceMs: 2_000,
  retry: { cap: 3, infrastructure: 5, gapMs: 120_000 },
}
const configuration = settleConfiguration({
  version: 1,
  roles: { coder: { runtime: { name: 'codex', effort: 'high' }, limits: { durationMinutes: 90 }, instructions: 'x' } },
  validation: [{ name: 'lint', run: 'npm run lint' }],
  pipelines: {
    small: [
      { kind: 'estimate' },
      { kind: 'plan', when: { risk: 0.5, impact: 0.7 } },
      { kind: 'approval', required: true },
      { kind: 'agent', id: 'code' },
      { kind: 'ci', enabled: false },
      { kind: 'merge' },
    ],
  },
})

function explanation(more: Partial<Explanation> = {}): Explanation {
  const planned = planRun(configuration, deployment, 'small')
  if (!planned.ok) throw new Error(planned.why)
  return {
    login: 'mona',
    pipeline: 'small',
    plan: planned.plan,
    roles: ['estimator', 'planner', 'coder'],
    legs: [
      { repository: 'acme/api', role: 'primary', access: 'write', baseBranch: 'main', directory: 'services/api' },
      { repository: 'acme/specs', role: 'reference', access: 'read', baseBranch: null },
    ],
    people: {
      start: ['triage', 'write'],
      starters: ['@acme/platform'],
      approve: ['maintain'],
      approvers: ['ada'],
      codeOwners: true,
      notRequester: true,
      merge: ['admin'],
    },
    limits: { repository: 5, person: 4 },
    months: [{ scope: 'repository', usedUsd: 1.21, limitUsd: 5, raisable: true }],
    refusals: [],
    prefix: '/yard',
    ...more,
  }
}

describe('[CMD-11] an explanation', () => {
  test('says steps, repositories, roles, limits and people', async () => {
    await expect(`${renderExplanation(explanation())}\n`).toMatchFileSnapshot('golden/explain.md')
  })

  test('says everything that would refuse the start now', async () => {
    const refusals = [
      { why: 'no runner that is up offers the coding agent `codex` (for coder)', remedy: 'Ask for one.' },
      { why: 'the configuration is not good', remedy: '`a.yml` in acme/api:\n- line 3, column 1: wrong' },
    ]
    await expect(`${renderExplanation(explanation({ refusals }))}\n`).toMatchFileSnapshot('golden/explain-refused.md')
  })

  test('of a pipeline that is not good it says only why', () => {
    const refusals = [{ why: 'it cannot be run as asked', remedy: 'There is no pipeline `smal` here.' }]
    const text = renderExplanation(explanation({ plan: null, legs: [], roles: [], refusals, pipeline: '`\n@all' }))
    expect(text).toContain('There is no pipeline `smal` here.')
    expect(text).not.toContain('| Step |')
    expect(text.split('\n')[0]).toContain('`` ` @')
  })
})
