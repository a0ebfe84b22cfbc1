/** What runners and GitHub say, for the core's tests. */
import type { Cause, Failure } from '../../../src/contract/failure.ts'
import type { HeadSha, LegKey } from '../../../src/contract/ids.ts'
import type { JobResult, LegResult } from '../../../src/contract/job.ts'
import type { Plan, Report } from '../../../src/contract/report.ts'
import type { CheckSeen, LegChecks, PullSeen } from '../../../src/pipeline/events.ts'
import type { Leg, PullRequest } from '../../../src/pipeline/model.ts'
import { sha } from './build.ts'

const NONCE = '0123456789abcdef'
const TIMES = { startedAt: '2026-01-05T09:00:00Z', endedAt: '2026-01-05T09:05:00Z' }

export function aFailure(cause: Cause = 'agent', message = 'it did not work'): Failure {
  return { cause, message }
}

/** What a job says of a leg whose work branch it pushed. */
export function pushed(leg: Pick<Leg, 'key' | 'repositoryId'>, head: HeadSha, change: Partial<LegResult> = {}): LegResult {
  return {
    key: leg.key,
    repositoryId: leg.repositoryId,
    base: sha('base'),
    head,
    ahead: 1,
    push: { status: 'pushed' },
    changedFiles: [{ path: 'src/a.ts', status: 'modified', additions: 1, deletions: 1 }],
    committedForAgent: [],
    leftOut: [],
    ...change,
  }
}

export function finished(report: Report, legs: LegResult[] = []): JobResult {
  return { status: 'finished', report, legs, usage: { inputTokens: 10 }, notes: [], ...TIMES }
}

export function failedJob(cause: Cause = 'agent', legs: LegResult[] = []): JobResult {
  return { status: 'failed', failure: aFailure(cause), legs, usage: {}, notes: [], ...TIMES }
}

export function cancelledJob(legs: LegResult[] = []): JobResult {
  return { status: 'cancelled', reason: 'cancelled', legs, usage: {}, notes: [], ...TIMES }
}

/** A job that did its work. */
export function worked(legs: LegResult[] = [], title = 'Show the tax'): JobResult {
  return finished({ status: 'success', nonce: NONCE, summary: 'Did it.', title }, legs)
}

/** An agent that says that there was nothing to do. */
export function noop(legs: LegResult[] = []): JobResult {
  return finished({ status: 'noop', reason: 'It is there already.', nonce: NONCE, summary: 'Nothing to do.' }, legs)
}

export function aPlan(change: Partial<Plan> = {}): Plan {
  return {
    summary: 'The API says the tax, the shop shows it.',
    repositories: [
      { repository: 'acme/api', role: 'provider', why: 'says the tax' },
      { repository: 'acme/web', role: 'consumer', why: 'shows it' },
    ],
    files: [],
    risks: [],
    testPlan: [],
    mergeOrder: [],
    openQuestions: [],
    ...change,
  }
}

export function planned(plan: Plan = aPlan()): JobResult {
  return finished({ status: 'success', nonce: NONCE, summary: 'A plan.', plan })
}

/** A companion's grading. */
export function graded(rating: number, comments: string[] = []): JobResult {
  const verdict = {
    rating,
    summary: `rated ${rating}`,
    comments: comments.map((body) => ({ body, severity: 'medium' as const })),
  }
  return finished({ status: 'success', nonce: NONCE, summary: 'Graded.', verdict })
}

export function aPull(number: number, change: Partial<PullRequest> = {}): PullRequest {
  return {
    number,
    nodeId: `PR_${number}`,
    url: `https://github.com/acme/x/pull/${number}`,
    state: 'open',
    draft: true,
    mergedAt: null,
    mergeSha: null,
    ...change,
  }
}

/** A pull request that was merged. */
export function mergedPull(number: number): PullRequest {
  return aPull(number, { state: 'merged', draft: false, mergedAt: '2026-01-05T10:00:00Z', mergeSha: sha(`merge ${number}`) })
}

export function aCheck(conclusion: CheckSeen['conclusion'] = 'success', name = 'test'): CheckSeen {
  return { name, source: 'check-run', conclusion, url: null, title: null, summary: null, annotations: [], log: null }
}

export function checksOf(leg: LegKey, head: HeadSha, checks: CheckSeen[], change: Partial<LegChecks> = {}): LegChecks {
  return { leg, head, checks, required: [], expectsChecks: false, redOnBase: [], ...change }
}

export function pullSeen(
  leg: Pick<Leg, 'key' | 'pull' | 'head'>,
  mergeable: PullSeen['mergeable'] = 'clean',
  change: Partial<PullSeen> = {},
): PullSeen {
  return { leg: leg.key, pull: leg.pull ?? aPull(1), head: leg.head ?? sha('none'), base: 'main', mergeable, ...change }
}

/** A job whose report carries this field. */
export function reported(fields: Partial<Report>, legs: LegResult[] = []): JobResult {
  return finished({ status: 'success', nonce: NONCE, summary: 'Did it.', ...fields } as Report, legs)
}
