import { describe, expect, test } from 'vitest'
import { settleConfiguration } from '../../config/configuration.ts'
import { BUILT_IN_CONFIGURATION } from '../../config/defaults.ts'
import type { RunPlan } from '../../config/settings.ts'
import { stepConfigs } from '../../config/steps.ts'
import { HeadSha, LegKey } from '../../contract/ids.ts'
import type { PullDetails } from '../../github/pull-requests.ts'
import { adoptedLegs, unfitForIssue, unfitForPull } from './adopt.ts'

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

const LOOK = stepConfigs([{ kind: 'agent', mode: 'explore' }])
const FIX = stepConfigs([{ kind: 'ci' }])

describe('the legs of a run on a pull request', () => {
  test("are all read-only where the pipeline reads: its own at the pull request's head and base, the others beside it", () => {
    const [own, other] = adoptedLegs([leg('api', 'primary'), leg('web', 'consumer')], { ...pull, headBranch: 'a-note' }, LOOK)
    expect(own).toMatchObject({ access: 'read', baseBranch: 'next', workBranch: 'a-note', head, pull: { number: 7 } })
    expect(other).toMatchObject({ access: 'read', baseBranch: 'main' })
    expect(other).not.toHaveProperty('head')
    expect(other).not.toHaveProperty('pull')
  })

  test("of a pipeline that changes code: the author's own branch may be written, and nothing else", () => {
    const [own, other] = adoptedLegs([leg('api', 'primary'), leg('web', 'consumer')], { ...pull, headBranch: 'a-note' }, FIX)
    expect(own).toMatchObject({ access: 'write', workBranch: 'a-note', head })
    expect(other).toMatchObject({ access: 'read' })
  })

  test.each([
    ['a fork', 2],
    ['a fork that is gone', null],
  ])('[CMD-1] from %s take no branch name of ours, and are read-only whatever the pipeline', (_what, headRepositoryId) => {
    const [own] = adoptedLegs([leg('api', 'primary')], { ...pull, headRepositoryId, base: 'main' }, FIX)
    expect(own).toMatchObject({ access: 'read', baseBranch: 'main', workBranch: 'pull/7/head', head })
  })
})

describe('[CMD-1] what cannot be started', () => {
  const info = { fullName: 'acme/api', defaultBranch: 'main' }
  const ours = { ...pull, headBranch: 'a-note' }
  const plan = (pipeline: string, steps: { kind: string }[]): RunPlan =>
    ({ pipeline, steps: stepConfigs(steps) }) as unknown as RunPlan
  const mine = settleConfiguration({ version: 1, pipelines: { look: [{ kind: 'investigate' }] } })

  test('on a pull request: a pipeline that changes code and is not listed for it', () => {
    expect(unfitForPull(plan('plan', [{ kind: 'plan' }]), BUILT_IN_CONFIGURATION, ours, info)).toBeNull()
    expect(unfitForPull(plan('quick', [{ kind: 'agent' }, { kind: 'ci' }]), mine, ours, info)).toEqual({
      why: 'the pipeline `quick` changes code and is not one for pull requests',
      remedy: 'Here those are: `fix`, `review`, `plan` and `look`.',
    })
  })

  test('anything that would push to a fork or to the default branch', () => {
    const fix = plan('fix', [{ kind: 'ci' }])
    expect(unfitForPull(fix, mine, ours, info)).toBeNull()
    expect(unfitForPull(fix, mine, { ...ours, headRepositoryId: 2 }, info)).toEqual({
      why: 'it comes from a fork, and to a fork Switchyard pushes nothing',
      remedy:
        'Push its branch into acme/api and open the pull request from there. `/yard review` has it looked at where it is.',
    })
    expect(unfitForPull(fix, mine, { ...ours, headRepositoryId: null }, info)?.why).toContain('fork')
    expect(unfitForPull(fix, mine, { ...ours, headBranch: 'main' }, info)?.why).toContain('default branch')
  })

  test('on an issue: what needs a pull request to begin with, unless it makes code itself', () => {
    const listed = settleConfiguration({ version: 1, pipelines: { both: [{ kind: 'agent' }] }, onPullRequests: ['both'] })
    expect(unfitForIssue(plan('fix', [{ kind: 'ci' }]), listed)?.why).toBe('the pipeline `fix` is for pull requests')
    expect(unfitForIssue(plan('both', [{ kind: 'agent' }, { kind: 'ci' }]), listed)).toBeNull()
    expect(unfitForIssue(plan('default', [{ kind: 'ci' }]), listed)).toBeNull()
  })
})
