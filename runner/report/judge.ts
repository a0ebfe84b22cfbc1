import type { Failure } from '../../src/contract/failure.ts'
import type { JobSpec, LegResult } from '../../src/contract/job.ts'
import type { Report } from '../../src/contract/report.ts'
import type { Outcome } from '../agents/runtime.ts'
import { faultsOf, type ReadReport } from './read-report.ts'

/** What a job's end is judged by. Never by words of the transcript. */
export interface Evidence {
  readonly spec: Pick<JobSpec, 'mode' | 'reportShape' | 'nonce'>
  /** A watchdog's failure: it owns the cause, whatever else is there. */
  readonly expired: Failure | null
  readonly outcome: Outcome
  readonly read: ReadReport
  readonly legs: readonly LegResult[]
  /** What a job that had to merge the base left undone; then nothing was pushed. */
  readonly unfinished?: Failure | null
  /** Whether this job made a commit, or an earlier start of it did. */
  readonly committed: boolean
  /** Tool calls seen; null where the runtime does not tell. */
  readonly toolCalls: number | null
}

export type Verdict =
  | { readonly status: 'finished'; readonly report: Report; readonly notes: readonly string[] }
  | { readonly status: 'failed'; readonly failure: Failure; readonly report?: Report; readonly notes: readonly string[] }

/** How the job ended: the first of these that applies. */
export function judge(evidence: Evidence): Verdict {
  const { expired, outcome, read, legs } = evidence
  const report = read.status === 'good' ? read.report : undefined
  if (expired !== null) return failed(expired, report)
  const unpushed = legs.filter((leg) => leg.push.status === 'failed')
  if (unpushed.length > 0) return failed(pushFailure(unpushed), report)
  if (report === undefined) return withoutReport(evidence)
  if (report.status === 'failed')
    return failed({ cause: 'agent', message: `The agent reports a failure: ${report.summary}`.slice(0, 2_000) }, report)
  const { unfinished = null } = evidence
  // An agent that asks a person which of two sides is meant has not failed at merging them.
  if (unfinished !== null && report.status !== 'needs-decision') return failed(unfinished, report)
  const notes = outcome.ok ? [] : [`The agent ended badly after its report: ${outcome.failure.message}`]
  const done = report.status === 'success' || report.status === 'partial'
  if (done && evidence.spec.mode === 'code' && evidence.spec.reportShape === 'work' && !evidence.committed) {
    return failed(noChanges(evidence.toolCalls), report)
  }
  return { status: 'finished', report, notes }
}

function withoutReport({ outcome, read, legs, spec }: Evidence): Verdict {
  const pushed = legs.some((leg) => leg.push.status === 'pushed')
  if (outcome.ok) {
    const faults = read.status === 'good' ? [] : faultsOf(read)
    return failed({
      cause: 'no-usable-output',
      message: 'The agent left no usable report, also after it was asked again.',
      detail: faults.join('\n').slice(0, 20_000),
    })
  }
  // A failure of a known cause (the model, a limit) is that failure; only an unexplained end is recovered from.
  if (!pushed || outcome.failure.cause !== 'agent' || spec.reportShape !== 'work' || read.status === 'void')
    return failed(outcome.failure)
  const summary = `The agent ended without a report (${outcome.failure.message}) What it had committed was pushed.`
  return {
    status: 'finished',
    report: { status: 'partial', nonce: spec.nonce, summary, recovered: true },
    notes: ['Recovered: the agent ended badly and wrote no report, but its work was pushed.'],
  }
}

function noChanges(toolCalls: number | null): Failure {
  const message = 'The agent reports success but committed nothing, and did not say that nothing was to be done.'
  return { cause: 'no-changes', message: toolCalls === 0 ? `${message} It never acted: there was no tool call.` : message }
}

function pushFailure(unpushed: readonly LegResult[]): Failure {
  const lines = unpushed.map((leg) => `${leg.key}: ${leg.push.status === 'failed' ? leg.push.message : ''}`)
  const keys = unpushed.map((leg) => leg.key).join(', ')
  return {
    cause: 'git',
    message: `The push failed for ${keys}; what was pushed elsewhere is kept.`.slice(0, 2_000),
    detail: lines.join('\n'),
  }
}

function failed(failure: Failure, report?: Report): Verdict {
  return { status: 'failed', failure, ...(report === undefined ? {} : { report }), notes: [] }
}
