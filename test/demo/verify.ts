import type { Run } from '../../src/pipeline/model.ts'
import { latestOutput, shownState } from '../../src/pipeline/state.ts'
import type { Evidence, PullEvidence } from './evidence.ts'

/** Something the demo promises, and whether it is so. */
export interface Claim {
  what: string
  holds: boolean
}

const all = ({ pulls }: Evidence, test: (pull: PullEvidence) => boolean) => pulls.length > 0 && pulls.every(test)

/** What every showing promises, held against what GitHub, git and the store say. */
export function mergedClaims(run: Run | null, evidence: Evidence): Claim[] {
  return [
    { what: 'the run is done', holds: run !== null && shownState(run) === 'done' },
    { what: 'every pull request is merged', holds: all(evidence, ({ mergedAt }) => mergedAt !== null) },
    {
      what: 'git’s history of each main branch has the merge of the head',
      holds: all(evidence, (pull) => pull.mergeCommit !== null),
    },
    { what: 'each merge call carried the head’s sha', holds: all(evidence, ({ call, headSha }) => call?.sha === headSha) },
    {
      what: 'each merged head is the one whose checks were green',
      holds: all(evidence, (pull) => pull.checkedSha === pull.headSha),
    },
    {
      what: 'CI is green on every head that has CI',
      holds: all(evidence, ({ ci }) => ci.every((conclusion) => conclusion === 'success')),
    },
    { what: 'the issue has exactly one status comment', holds: evidence.statusComments === 1 },
    { what: 'the issue is closed', holds: evidence.issueClosed },
  ]
}

/** What a change over two of three repositories promises besides. */
export function changeSetClaims(run: Run | null, { pulls, untouched }: Evidence): Claim[] {
  const touched = new Set(pulls.map(({ repository }) => repository))
  return [
    { what: 'there are two pull requests, in two repositories', holds: pulls.length === 2 && touched.size === 2 },
    { what: 'the provider was merged first', holds: providerFirst(run, pulls) },
    { what: 'a third repository has no branch and no pull request', holds: untouched.length === 1 },
  ]
}

/** By the moments GitHub and git keep (whole seconds, so that both may be the same), and by the order of the merge calls. */
function providerFirst(run: Run | null, pulls: readonly PullEvidence[]): boolean {
  const plan = run === null ? null : latestOutput(run, 'plan')
  const roleOf = (pull: PullEvidence) => plan?.plan.repositories.find(({ repository }) => repository === pull.repository)?.role
  const providers = pulls.filter((pull) => roleOf(pull) === 'provider')
  const consumers = pulls.filter((pull) => roleOf(pull) === 'consumer')
  if (providers.length === 0 || consumers.length === 0) return false
  return providers.every((provider) => consumers.every((consumer) => before(provider, consumer)))
}

function before(one: PullEvidence, other: PullEvidence): boolean {
  if (one.mergedAt === null || other.mergedAt === null) return false
  if (one.mergeCommit === null || other.mergeCommit === null || one.call === null || other.call === null) return false
  return (
    Date.parse(one.mergedAt) <= Date.parse(other.mergedAt) &&
    one.mergeCommit.at <= other.mergeCommit.at &&
    one.call.place < other.call.place
  )
}
