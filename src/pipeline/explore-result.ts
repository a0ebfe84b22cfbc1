import type { JobResult } from '../contract/job.ts'
import type { Report } from '../contract/report.ts'
import { jobOutcome } from './job-outcome.ts'
import type { Run, Step } from './model.ts'
import type { StepOutput } from './outputs.ts'
import { changedLegs } from './state.ts'
import type { Next } from './step-kind.ts'

type Useful = Extract<Report, { status: 'success' | 'partial' }>

export interface Reading {
  run: Run
  step: Step
  /** What the report yields; undefined where the field that this kind needs is missing. */
  read(report: Useful): StepOutput | undefined
  /** What is said where nothing usable came. */
  missing: string
}

/**
 * Where a step goes whose agent only explored. A `noop` leaves an earlier result of the step as it is; without one it
 * ends a run that has changed nothing yet; else it is no result.
 */
export function exploreResult(result: JobResult, { run, step, read, missing }: Reading): Next {
  const outcome = jobOutcome(result)
  switch (outcome.kind) {
    case 'failed':
      return { go: 'fail', failure: outcome.failure }
    case 'noop':
      if (step.output !== null) return { go: 'advance', output: step.output }
      if (changedLegs(run).length === 0) return { go: 'end', summary: outcome.reason }
      return { go: 'fail', failure: { cause: 'no-usable-output', message: missing } }
    case 'useful': {
      const output = read(outcome.report)
      return output === undefined
        ? { go: 'fail', failure: { cause: 'no-usable-output', message: missing } }
        : { go: 'advance', output }
    }
  }
}
