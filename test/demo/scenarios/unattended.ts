/** Nobody is asked anything: an estimate, a plan, a change over two repositories, and a merge that a policy allows. */
import { stringify } from 'yaml'
import { z } from 'zod'
import { latestOutput } from '../../../src/pipeline/state.ts'
import { MergeData } from '../../../src/pipeline/steps/merge-data.ts'
import type { Delivery } from '../../github/webhooks/deliver.ts'
import { API, DOCS, STOREFRONT } from '../repositories.ts'
import type { Scenario } from '../scenario.ts'
import { DEMO_SCRIPT, ISSUE } from '../script.ts'
import { type Claim, changeSetClaims, mergedClaims } from '../verify.ts'

const CONFIGURATION = {
  version: 1,
  peers: [
    { repository: 'acme/storefront', role: 'consumer' },
    { repository: 'acme/docs', role: 'consumer' },
  ],
  validation: [{ name: 'tests', run: 'node --test' }],
  merge: { method: 'merge', policy: { complexity: 0.4, risk: 0.3, impact: 0.4 } },
} as const

const CEILINGS = CONFIGURATION.merge.policy

const ESTIMATE = {
  complexity: { value: 0.35, why: 'Two repositories, a field in one and a formula in the other.' },
  risk: { value: 0.2, why: 'A field is added and none is taken away; tests cover both sides.' },
  impact: { value: 0.3, why: 'Customers see other prices, but only of items that have a discount.' },
}

type Call = (typeof DEMO_SCRIPT)['calls'][number]

/** The demo's coder, this time without its mistake: it reads the field that the API answers. */
function withoutMistake(call: Call): Call {
  const actions = call.actions.map((action) =>
    action.do === 'write' && action.path === 'src/price.mjs'
      ? { ...action, content: action.content.replace('item.discount ', 'item.discountPercent ') }
      : action,
  )
  return { ...call, actions }
}

const SCRIPT: Scenario['script'] = {
  calls: [
    {
      when: { role: 'estimator' },
      actions: [{ do: 'report', report: { status: 'success', summary: 'A small change.', estimate: ESTIMATE } }],
    },
    ...DEMO_SCRIPT.calls.map(withoutMistake),
  ],
}

const underCeilings = (estimate: { complexity: { value: number }; risk: { value: number }; impact: { value: number } }) =>
  (['complexity', 'risk', 'impact'] as const).every((axis) => estimate[axis].value <= CEILINGS[axis])

/** What of the merge the store says. */
function policyClaims(run: Parameters<typeof mergedClaims>[0]): Claim[] {
  const step = run?.steps.find(({ kind }) => kind === 'merge')
  const { data } = MergeData.safeParse(step?.data)
  const heads = (run?.legs ?? []).flatMap(({ key, head }) => (head === null ? [] : [`${key}@${head}`]))
  const assessed = (data?.assessment?.heads ?? []).map(({ leg, head }) => `${leg}@${head}`)
  const validated = run === null ? null : latestOutput(run, 'validate')
  return [
    { what: 'it was merged on the policy’s word', holds: data?.word?.by === 'policy' },
    {
      what: 'the assessment is of exactly the merged heads, and under the policy’s ceilings',
      holds:
        data?.assessment != null &&
        assessed.toSorted().join() === heads.toSorted().join() &&
        underCeilings(data.assessment.estimate),
    },
    {
      what: 'the validation ran in both repositories and was green',
      holds: validated?.checks.length === 2 && validated.checks.every(({ ok }) => ok),
    },
  ]
}

export const UNATTENDED: Scenario = {
  name: 'unattended',
  headline: 'an issue is labelled, and two repositories have the change merged without anybody being asked.',
  mistake: 'this time it makes no mistake',
  repositories: [{ ...API, files: { ...API.files, '.github/switchyard.yml': stringify(CONFIGURATION) } }, STOREFRONT, DOCS],
  script: SCRIPT,
  issue: { repository: 'acme/api', ...ISSUE },
  label: 'switchyard:unattended',
  answers: [],
  acts: [],
  async claims({ github, run, evidence }) {
    const seen = github.inspect()
    const isPerson = ({ author }: { author: { app: unknown } }) => author.app === null
    const threads = seen
      .repositories()
      .flatMap((name) =>
        [...seen.issues(name), ...seen.pulls(name).map(({ issue }) => issue)].map(({ number }) => ({ name, number })),
      )
    const comments = threads.flatMap(({ name, number }) => seen.comments(name, number)).filter(isPerson)
    const reviews = seen
      .repositories()
      .flatMap((name) => seen.pulls(name).flatMap(({ pull }) => pull.reviews))
      .filter(isPerson)
    return [
      ...mergedClaims(run, evidence),
      ...changeSetClaims(run, evidence),
      ...policyClaims(run),
      {
        what: 'no person wrote a comment or a review, or ticked a box',
        holds: comments.length === 0 && reviews.length === 0 && !seen.deliveries().some(ticked),
      },
    ]
  },
}

const Sender = z.object({ sender: z.object({ type: z.string() }) })

/** A person ticks a box by editing a comment. */
function ticked({ event, action, payload }: Delivery): boolean {
  return event === 'issue_comment' && action === 'edited' && Sender.parse(JSON.parse(payload)).sender.type === 'User'
}
