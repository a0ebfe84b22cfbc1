import type { Failure } from '../contract/failure.ts'
import type { JobResult } from '../contract/job.ts'
import type { Report } from '../contract/report.ts'

type Finished = Extract<JobResult, { status: 'finished' }>
type Useful = Extract<Report, { status: 'success' | 'partial' }>

/** What a job's result means to the step that asked for it. */
export type JobOutcome =
  | { kind: 'useful'; report: Useful; result: Finished }
  | { kind: 'noop'; reason: string; result: Finished }
  | { kind: 'failed'; failure: Failure }

/** Reads a result by its status fields only; nothing is taken from prose (REP-3). */
export function jobOutcome(result: JobResult): JobOutcome {
  if (result.status === 'failed') return { kind: 'failed', failure: result.failure }
  if (result.status === 'cancelled') {
    return { kind: 'failed', failure: { cause: 'evicted', message: `The job was cancelled: ${result.reason}` } }
  }
  const { report } = result
  switch (report.status) {
    case 'success':
    case 'partial':
      return { kind: 'useful', report, result }
    case 'noop':
      return { kind: 'noop', reason: report.reason, result }
    case 'failed':
      return {
        kind: 'failed',
        failure: {
          cause: 'agent',
          message: `The agent reported that it failed: ${report.summary.slice(0, 1_500)}`,
          // An agent that gave up would give up again, unless it says otherwise.
          retryable: report.retryable ?? report.needs_rerun ?? false,
        },
      }
    case 'needs-decision':
      return {
        kind: 'failed',
        failure: {
          cause: 'agent',
          message: `The agent needs a decision: ${report.question.slice(0, 1_500)}`,
          detail: report.options.map((option, index) => `${index + 1}. ${option}`).join('\n'),
        },
      }
  }
}
