import type { Failure } from '../src/contract/failure.ts'
import type { JobResult, JobSpec, LegResult } from '../src/contract/job.ts'
import type { Worked } from './do-work.ts'
import type { JobDeps } from './job-deps.ts'
import type { OpenJob } from './open-job.ts'
import { judge } from './report/judge.ts'
import { outsideDirectory } from './workspace/leg-directory.ts'

/** The result of an agent's work, judged. `unfinished` is what is left of a merge; then nothing was pushed. */
export function finishedResult(
  deps: JobDeps,
  job: OpenJob,
  spec: JobSpec,
  worked: Worked & { readonly unfinished: Failure | null },
  legs: LegResult[],
): JobResult {
  const { agent, unfinished } = worked
  // An earlier start may have done and pushed everything; then this one has nothing left to commit.
  const made: readonly string[] = ['pushed', 'held']
  const committed = legs.some((leg) => made.includes(leg.push.status) || (job.start > 1 && leg.ahead > 0))
  const { notes, ...ending } = judge({ ...agent, spec, legs, committed, unfinished, toolCalls: job.progress.toolCalls() })
  const outside = worked.legs.flatMap(
    ({ branch }, index) => outsideDirectory(branch.workspace.leg, legs[index]?.changedFiles ?? []) ?? [],
  )
  const gathered = worked.legs.flatMap((leg) => leg.gathered.notes)
  const said = [...agent.notes, ...worked.notes, ...gathered, ...outside, ...notes]
  return { ...ending, ...outcome(deps, job, legs, said), ...sessionOf(agent) }
}

/** The session that a later job can go on with. */
export function sessionOf({ session }: Worked['agent']): { session?: string } {
  return session === null ? {} : { session }
}

/** The result of a job that could not be done. */
export function failedResult(deps: JobDeps, job: OpenJob, failure: Failure): JobResult {
  return { status: 'failed', failure, ...outcome(deps, job, [], []) }
}

/** The result of a job that was told to stop. */
export function cancelledResult(deps: JobDeps, job: OpenJob, reason: string, legs: readonly LegResult[]): JobResult {
  return { status: 'cancelled', reason: reason.slice(0, 500), ...outcome(deps, job, legs, []) }
}

/** What every result has. */
export function outcome(deps: JobDeps, job: OpenJob, legs: readonly LegResult[], notes: readonly string[]) {
  const denied = job.denied()
  return {
    legs: [...legs],
    usage: job.progress.usage(),
    notes: notes.slice(0, 50).map((note) => note.slice(0, 1_000)),
    ...(denied.length === 0 ? {} : { denied }),
    startedAt: job.startedAt,
    endedAt: new Date(deps.clock.now()).toISOString(),
  }
}
