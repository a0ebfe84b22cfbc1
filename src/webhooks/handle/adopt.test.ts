import { describe, expect, test } from 'vitest'
import { settleConfiguration } from '../../config/configuration.ts'
import { BUILT_IN_CONFIGURATION } from '../../config/defaults.ts'
import type { RunPlan } from '../../config/settings.ts'
import { stepConfigs } from '../../config/steps.ts'
import { HeadSha, LegKey } from '../../contract/ids.ts'
import type { PullDetails } from '../../github/pull-requests.ts'
import { adoptedLegs, unfitForPull } from './adopt.ts'

const head = HeadSha.parse('a'.repeat(40))
const pull: PullDetails = {
  pull: {
    number: 7,
    nodeId: 'PR_7',
    url: 'https://github.example/acme/api/pull/7',
    state: 'open',
    draft: false,
    mergedAt: null,
    mergeSha: null,
  },
  title: 'A note',
  body: '',
  head,
  headBranch: 'main',
  headRepositoryId: 1,
  base: 'next',
  baseRepositoryId: 1,
  author: 'rita',
}
const leg = (name: string, role: 'primary' | 'consumer') => ({
  key: LegKey.parse(`acme__${name}`),
  repositoryId: 1,
  repository: `acme/${name}`,
  cloneUrl: `https://github.example/acme/${name}.git`,
  role,
  access: 'write' as const,
  baseBranch: 'main',
  workBranch: 'switchyard/7-a-note-abcd',
})

describe('the legs of a run on a pull request', () => {
  test("are all read-only: its own at the pull request's head and base, the others beside it", () => {
    const [own, other] = adoptedLegs([leg('api', 'primary'), leg('web', 'consumer')], { ...pull, headBranch: 'a-note' })
    expect(own).toMatchObject({ access: 'read', baseBranch: 'next', workBranch: 'a-note', head, pull: { number: 7 } })
    expect(other).toMatchObject({ access: 'read', baseBranch: 'main' })
    expect(other).not.toHaveProperty('head')
    expect(other).not.toHaveProperty('pull')
  })

  test.each([
    ['a fork', 2],
    ['a fork that is gone', null],
  ])('[CMD-1] from %s take no branch name of ours, not even where it has that of the base', (_what, headRepositoryId) => {
    const [own] = adoptedLegs([leg('api', 'primary')], { ...pull, headRepositoryId, base: 'main' })
    expect(own).toMatchObject({ access: 'read', baseBranch: 'main', workBranch: 'pull/7/head', head })
  })
})

test('a pipeline that changes code is refused, with those of the configuration that only read', () => {
  const plan = (name: string, steps: { kind: string }[]): RunPlan =>
    ({ pipeline: name, steps: stepConfigs(steps) }) as unknown as RunPlan
  const mine = settleConfiguration({ version: 1, pipelines: { look: [{ kind: 'investigate' }] } })
  expect(unfitForPull(plan('plan', [{ kind: 'plan' }]), BUILT_IN_CONFIGURATION)).toBeNull()
  expect(unfitForPull(plan('quick', [{ kind: 'agent' }, { kind: 'ci' }]), mine)).toEqual({
    why: 'the pipeline `quick` changes code, which a run on a pull request cannot do yet',
    remedy: 'On a pull request only pipelines that read can run. Here these are: `review`, `plan` and `look`.',
  })
})
