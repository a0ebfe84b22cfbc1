/** What a job's result is to the script that called for it. */
import { z } from 'zod'
import type { JobResult, JobSpec } from '../../contract/job.ts'
import { REQUIRED_FIELD } from '../../contract/report.ts'
import { jobOutcome } from '../../pipeline/job-outcome.ts'
import { callEnd } from '../../pipeline/steps/workflow-call.ts'
import { Collision } from '../../pipeline/workflow.ts'
import type { CallBranch, CallEnd, KeptBranch, StoredCall } from '../../store/workflow-calls.ts'
import { AgentOptions } from '../../workflow/call.ts'
import { resultProblems } from '../../workflow/result-schema.ts'

/** Longest result that a script is given of one call, as JSON, in characters. */
const RESULT_MAX_CHARS = 200_000

const Collected = z.looseObject({ collision: z.unknown(), merged: z.array(Collision) })

/** What was asked of the job, as far as its end is read by it. */
type AskedOf = Pick<JobSpec, 'reportShape'> & {
  legs: readonly Pick<JobSpec['legs'][number], 'key' | 'access' | 'workBranch'>[]
}

export type JobEnd = Omit<CallEnd, 'budget'>

/**
 * Reads a result; null where the job is not the one that ends the call (a conflict on the way of a collection).
 *
 * @param wanted what a collection was to merge
 */
export function endOfJob(call: StoredCall, spec: AskedOf, result: JobResult, wanted: readonly KeptBranch[]): JobEnd | null {
  const costUsd = result.usage.costUsd ?? null
  const branches = ownBranches(call, spec, result)
  const nothing = (why: string): JobEnd => ({ state: 'failed', result: null, why, branches, costUsd })
  const failure = callEnd(result)
  if (failure !== null) return nothing(failure.message)
  const outcome = jobOutcome(result)
  if (outcome.kind === 'failed') return nothing(outcome.failure.message)
  if (call.kind === 'collect') {
    const collected = Collected.safeParse(outcome.result.report.result)
    if (!collected.success || collected.data.collision !== null) return null
    return { state: 'done', ...collectedOf(wanted, collected.data.merged), why: null, costUsd }
  }
  const done = (value: unknown): JobEnd => {
    if (JSON.stringify(value).length > RESULT_MAX_CHARS) {
      return nothing(`its result is longer than ${RESULT_MAX_CHARS} characters`)
    }
    return { state: 'done', result: value, why: null, branches, costUsd }
  }
  const { schema } = AgentOptions.parse(call.options)
  if (schema !== undefined) {
    if (outcome.kind === 'noop') return nothing(`there was nothing to do: ${outcome.reason}`)
    const value = outcome.report.result ?? null
    const [problem] = resultProblems(schema, value)
    return problem === undefined ? done(value) : nothing(`its result does not fit: ${problem}`)
  }
  if (outcome.kind === 'noop') return done(outcome.reason)
  const field = REQUIRED_FIELD[spec.reportShape]
  return done(field === undefined ? outcome.report.summary : (outcome.report[field] ?? outcome.report.summary))
}

/** What a collection is to its script, and the branches that are in now. */
function collectedOf(wanted: readonly KeptBranch[], merged: readonly Collision[]): Pick<JobEnd, 'result' | 'branches'> {
  const isIn = (one: KeptBranch) => merged.some(({ leg, branch }) => leg === one.leg && branch === one.branch)
  const left = wanted.filter((each) => !isIn(each)).map(({ label }) => label)
  const branches = wanted.filter(isIn).map(({ leg, branch, head }) => ({ leg, branch, head }))
  return { result: { merged: merged.length, left: [...new Set(left)] }, branches }
}

/** Branches of the call's own, where its job ended: one that failed may have left work too. */
export function ownBranches(call: StoredCall, { legs }: Pick<AskedOf, 'legs'>, result: JobResult): CallBranch[] {
  if (!isApart(call)) return []
  return legs.flatMap(({ key, access, workBranch }): CallBranch[] => {
    const head = result.legs.find((leg) => leg.key === key)?.head ?? null
    return access === 'write' && head !== null ? [{ leg: key, branch: workBranch, head }] : []
  })
}

/** Whether what a call changes stays on branches of its own. */
export function isApart({ kind, options }: Pick<StoredCall, 'kind' | 'options'>): boolean {
  return kind === 'agent' && AgentOptions.parse(options).isolation === 'worktree'
}
