/** The script has ended: pull requests are opened for what its calls changed. */
import type { RunEventOf } from '../events.ts'
import { openingFailure, openMissingPulls } from '../open-pulls.ts'
import type { Outcome } from '../step-kind.ts'
import type { WorkflowContext, WorkflowData } from './workflow-data.ts'

/** Pull requests for the legs that the calls changed (CS-1, CS-3). */
export function openMissing(
  context: WorkflowContext,
  output: Extract<WorkflowData, { phase: 'opening' }>['output'],
): Outcome<WorkflowData> {
  const opening = openMissingPulls(context)
  if (opening === null) return { data: { phase: 'idle' }, next: { go: 'advance', output } }
  return { data: { phase: 'opening', output }, ...opening }
}

/** Goes on where all of them are there. */
export function opened(context: WorkflowContext, event: RunEventOf<'pulls.opened'>): Outcome<WorkflowData> {
  const { data, run } = context
  if (data.phase !== 'opening') throw new Error('no pull requests are being opened')
  const failure = openingFailure(run, event)
  if (failure === null) return { data: { phase: 'idle' }, next: { go: 'advance', output: data.output } }
  return { data, next: { go: 'fail', failure } }
}
