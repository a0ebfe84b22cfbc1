/** What a simulated journal holds, and what must hold of a workflow's step whatever happens. */
import type { JobId } from '../../src/contract/ids.ts'
import type { JobResult } from '../../src/contract/job.ts'
import type { Run } from '../../src/pipeline/model.ts'
import { type CallInFlight, workingOf } from '../../src/pipeline/steps/workflow-data.ts'
import { CALLS_AT_ONCE } from '../../src/pipeline/workflow.ts'
import { BrokenInvariant } from '../support/core/audit.ts'

/** A call as the simulated journal has it. */
export interface SimCall {
  index: number
  kind: 'agent' | 'checkpoint' | 'collect'
  mode: 'explore' | 'code'
  apart: boolean
  state: 'asked' | 'done' | 'failed'
  job: JobId | null
}

/** One journal: what was asked so far, and what the script would still ask. */
export interface SimJournal {
  calls: SimCall[]
  wavesLeft: number
  /** What its jobs came to, as the store has them. */
  results: Map<JobId, JobResult>
}

/** What must hold of a workflow's step after every decision. */
export function auditWorkflow({ steps }: Run): void {
  for (const step of steps) {
    const calls: readonly CallInFlight[] = workingOf(step)?.calls ?? []
    if (calls.length > CALLS_AT_ONCE) throw new BrokenInvariant('workflow', `${calls.length} calls at once`)
    const writers = calls.filter(({ mode, apart }) => mode === 'code' && !apart)
    if (writers.length > 1) throw new BrokenInvariant('workflow', 'two calls write to the work branches')
    if (new Set(calls.map(({ index }) => index)).size < calls.length)
      throw new BrokenInvariant('workflow', 'a call works twice')
  }
}
