import { crashPoint } from '../src/contract/crash-point.ts'
import { type Failure, failureOf } from '../src/contract/failure.ts'
import type { JobResult, JobSpec, LegResult } from '../src/contract/job.ts'
import { doWork, type Worked, workDoneBefore } from './do-work.ts'
import { GIT_MARKER } from './git/git-environment.ts'
import type { JobDeps } from './job-deps.ts'
import { checkHosts, parseJobSpec } from './job-spec.ts'
import type { JobStop } from './job-stop.ts'
import { type OpenJob, openJob } from './open-job.ts'
import { judge } from './report/judge.ts'
import { JOB_MARKER, jobMark, sweepMarked } from './watch/process-tree.ts'
import { clearWorkspace } from './workspace/clear-workspaces.ts'
import { describeLeg, settleLeg } from './workspace/leg-branch.ts'
import { type JobPaths, jobPaths } from './workspace/paths.ts'

/** What the queue is told: the job is over, another start shall go on with it, or it is no longer ours to speak of. */
export type JobEnding = 'over' | 'hand-back' | 'lost'

/**
 * One job from start to report. The result that the app takes is what counts; the queue's completion only acknowledges.
 * Killed at any point, the job is started again, here or on another runner, and goes on from what is on the remote.
 */
export async function runJob(
  deps: JobDeps,
  queued: { readonly id: string; readonly data: unknown },
  stop: JobStop,
): Promise<JobEnding> {
  crashPoint('job-received')
  const taken = acceptJob(deps, queued.data)
  const answer = await deps.app.start(queued.id, deps.runner, stop.signal)
  if (!answer.go) {
    deps.log.info({ job: queued.id, why: answer.why }, 'job not wanted any more')
    return 'over'
  }
  const job = openJob(deps, queued.id, answer.start, stop)
  try {
    return taken.ok ? await workOn(deps, job, taken.spec) : await conclude(job, failedResult(deps, job, taken.failure))
  } finally {
    await job.close()
  }
}

type Accepted = { readonly ok: true; readonly spec: JobSpec } | { readonly ok: false; readonly failure: Failure }

/** Reads the job and checks its hosts; no token has been asked for yet. */
function acceptJob(deps: JobDeps, data: unknown): Accepted {
  try {
    const spec = parseJobSpec(data)
    checkHosts(spec, deps.appUrl, deps.allowedHosts)
    return { ok: true, spec }
  } catch (error) {
    return { ok: false, failure: failureOf(error, 'dispatch') }
  }
}

/** The job from workspace to result, alone in its folders. */
async function workOn(deps: JobDeps, job: OpenJob, spec: JobSpec): Promise<JobEnding> {
  const paths = jobPaths(deps.dataDir, spec)
  return await deps.locks.hold(paths.lock, async (lost) => {
    lost.addEventListener('abort', () => job.stop.stop({ kind: 'lost' }))
    if (job.start > 1) sweepEarlierStart(jobMark(deps.dataDir, spec.id))
    const ending = await conclude(job, await resultOf(deps, job, spec, paths))
    if (ending === 'over') await clearWorkspace(paths)
    return ending
  })
}

/** An earlier start on this machine may have been killed, and its agent and its git left alive. */
function sweepEarlierStart(mark: string): void {
  sweepMarked(JOB_MARKER, mark)
  sweepMarked(GIT_MARKER, mark)
}

/** Sends the result; without one, another start goes on with the job, or has already taken it over. */
async function conclude(job: OpenJob, result: JobResult | null): Promise<JobEnding> {
  if (result === null) return job.stop.reason()?.kind === 'shutdown' ? 'hand-back' : 'lost'
  job.progress.phase('report')
  // The log is whole before the result is there: who reads the result finds it.
  await job.progress.flush()
  await job.send(result)
  crashPoint('result-sent')
  return 'over'
}

/** Does the work and gives the result, or null where this start is not to give one. */
async function resultOf(deps: JobDeps, job: OpenJob, spec: JobSpec, paths: JobPaths): Promise<JobResult | null> {
  try {
    const worked = (await workDoneBefore(job, spec, paths)) ?? (await doWork(deps, job, spec, paths))
    const reason = job.stop.reason()
    if (reason?.kind === 'lost') return null
    if (reason?.kind === 'cancelled') return cancelledResult(deps, job, reason.reason, await asTheyAre(job, worked))
    job.progress.phase('push')
    const legs = await pushAll(job, worked)
    crashPoint('pushed')
    return worked.agent.stopped ? null : finishedResult(deps, job, spec, worked, legs)
  } catch (error) {
    const reason = job.stop.reason()
    if (reason?.kind === 'cancelled') return cancelledResult(deps, job, reason.reason, [])
    if (reason !== null) return null
    deps.log.warn({ job: job.id, error }, 'job failed')
    return failedResult(deps, job, failureOf(error, 'internal'))
  }
}

/** Pushes every leg at the same time; one that fails does not keep the others from it. */
async function pushAll(job: OpenJob, worked: Worked): Promise<LegResult[]> {
  return await Promise.all(
    worked.legs.map(async ({ branch, gathered }) => {
      const result = await settleLeg(job.git, branch, gathered)
      if (result.push.status === 'pushed') crashPoint('pushed-one-leg')
      return result
    }),
  )
}

async function asTheyAre(job: OpenJob, worked: Worked): Promise<LegResult[]> {
  return await Promise.all(
    worked.legs.map(({ branch, gathered }) => describeLeg(job.git, branch, gathered, { status: 'unchanged' })),
  )
}

function finishedResult(deps: JobDeps, job: OpenJob, spec: JobSpec, worked: Worked, legs: LegResult[]): JobResult {
  const { agent } = worked
  // An earlier start may have done and pushed everything; then this one has nothing left to commit.
  const committed = legs.some((leg) => leg.push.status === 'pushed' || (job.start > 1 && leg.ahead > 0))
  const { notes, ...ending } = judge({ ...agent, spec, legs, committed, toolCalls: job.progress.toolCalls() })
  const said = [...agent.notes, ...worked.notes, ...worked.legs.flatMap(({ gathered }) => gathered.notes), ...notes]
  const session = agent.session === null ? {} : { session: agent.session }
  return { ...ending, ...outcome(deps, job, legs, said), ...session }
}

function failedResult(deps: JobDeps, job: OpenJob, failure: Failure): JobResult {
  return { status: 'failed', failure, ...outcome(deps, job, [], []) }
}

function cancelledResult(deps: JobDeps, job: OpenJob, reason: string, legs: LegResult[]): JobResult {
  return { status: 'cancelled', reason: reason.slice(0, 500), ...outcome(deps, job, legs, []) }
}

function outcome(deps: JobDeps, job: OpenJob, legs: LegResult[], notes: readonly string[]) {
  return {
    legs,
    usage: job.progress.usage(),
    notes: notes.slice(0, 50).map((note) => note.slice(0, 1_000)),
    startedAt: job.startedAt,
    endedAt: new Date(deps.clock.now()).toISOString(),
  }
}
