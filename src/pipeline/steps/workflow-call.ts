/** What the result of a call's job means to the step; what it means to the script, the journal's keeper reads. */
import { z } from 'zod'
import type { Failure } from '../../contract/failure.ts'
import type { JobResult } from '../../contract/job.ts'
import { jobOutcome } from '../job-outcome.ts'
import { Collision } from '../workflow.ts'
import type { CallInFlight } from './workflow-data.ts'

/** Why the job counts as failed; null where the script gets its result. */
export function callEnd(result: JobResult): Failure | null {
  const outcome = jobOutcome(result)
  if (outcome.kind === 'failed') return outcome.failure
  const unpushed = outcome.result.legs.flatMap(({ key, push }) => (push.status === 'failed' ? [`${key}: ${push.message}`] : []))
  if (unpushed.length > 0) {
    return { cause: 'git', message: `The work could not be pushed: ${unpushed.join('; ')}`.slice(0, 2_000) }
  }
  const held = outcome.result.legs.filter(({ push }) => push.status === 'held')
  if (held.length === 0) return null
  const message = `Its work is over the output limits in ${held.map(({ key }) => key).join(', ')}, and was not pushed.`
  return { cause: 'agent', message }
}

/** The field of a collecting job's report that says where it was stopped. */
const Collected = z.looseObject({ collision: Collision.nullable() })

/** Where a collection met a conflict; null where everything is collected, or the call is none. */
export function collisionOf({ kind }: Pick<CallInFlight, 'kind'>, result: JobResult): Collision | null {
  if (kind !== 'collect' || result.status !== 'finished') return null
  return Collected.safeParse(result.report.result).data?.collision ?? null
}
