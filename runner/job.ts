import type { StartAnswer } from '../src/contract/api.ts'
import { crashPoint } from '../src/contract/crash-point.ts'
import { type Failure, failureOf } from '../src/contract/failure.ts'
import type { JobResult, JobSpec, LegResult } from '../src/contract/job.ts'
import { AppRefusedError } from './app-client.ts'
import { collectWork } from './collect-work.ts'
import { withDiskFull } from './disk-space.ts'
import { doWork, repairDeps, type Worked, workDoneBefore, workHeldBefore } from './do-work.ts'
import { GIT_MARKER } from './git/git-environment.ts'
import type { JobDeps } from './job-deps.ts'
import { cancelledResult, failedResult, finishedResult, outcome, sessionOf } from './job-result.ts'
import { checkHosts, parseJobSpec } from './job-spec.ts'
import type { JobStop } from './job-stop.ts'
import { type OpenJob, openJob } from './open-job.ts'
import { removeNpmrc } from './package-registries.ts'
import { validateWork } from './validate-work.ts'
import { JOB_MARKER, jobMark, sweepMarked } from './watch/process-tree.ts'
import { clearLargeHome, clearWorkspace } from './workspace/clear-workspaces.ts'
import { describeLeg, settleLeg } from './workspace/leg-branch.ts'
import { type JobPaths, jobPaths } from './workspace/paths.ts'
import { withRepair } from './workspace/repair-leg.ts'
import { unfinishedMerge } from './workspace/unfinished-merge.ts'

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
  const answer = await startOf(deps, queued.id, stop)
  if (answer === null) return 'lost'
  if (!answer.go) {
    deps.log.info({ job: queued.id, why: answer.why }, 'job not wanted any more')
    return 'over'
  }
  const job = openJob(deps, queued.id, answer, stop)
  try {
    return taken.ok ? await workOn(deps, job, taken.spec) : await conclude(job, failedResult(deps, job, taken.failure))
  } finally {
    await job.close()
  }
}

/** May the job begin? Null where the app cannot be reached: then somebody else may have it. */
async function startOf(deps: JobDeps, id: string, stop: JobStop): Promise<StartAnswer | null> {
  try {
    return await deps.app.start(id, deps.runner, stop.signal)
  } catch (error) {
    if (error instanceof AppRefusedError) throw error
    deps.log.warn({ job: id, error }, 'the app cannot be asked whether this job may begin')
    return null
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
    const result = await resultOf(deps, job, spec, paths)
    if (!lost.aborted) await removeNpmrc(paths.home)
    const ending = await conclude(job, result)
    // A folder whose lock was taken over is another process's by now.
    if (ending === 'over' && !lost.aborted && !isHeld(result)) {
      await clearWorkspace(paths)
      await clearLargeHome(paths)
    }
    return ending
  })
}

/** Held work stays, as long as a session does: a person may let it through. */
function isHeld(result: JobResult | null): boolean {
  return result?.status === 'finished' && result.legs.some(({ push }) => push.status === 'held')
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
    if (spec.mode === 'validate') return await validatedResult(deps, job, spec, paths)
    if (spec.collect !== undefined) return await collectedResult(deps, job, spec, paths)
    const worked =
      (await workDoneBefore(deps, job, spec, paths)) ??
      (await workHeldBefore(deps, job, spec, paths)) ??
      (await doWork(deps, job, spec, paths))
    const reason = job.stop.reason()
    if (reason?.kind === 'lost') return null
    if (reason?.kind === 'cancelled' && !reason.keep) {
      return cancelledResult(deps, job, reason.reason, await asTheyAre(job, worked))
    }
    const unfinished = spec.mergesBase ? await unfinishedMerge(job.git, worked.legs) : null
    job.progress.phase('push')
    const legs = unfinished === null ? await pushAll(deps, job, paths, worked) : await asTheyAre(job, worked)
    crashPoint('pushed')
    if (reason?.kind === 'cancelled') {
      return { ...cancelledResult(deps, job, reason.reason, legs), ...sessionOf(worked.agent) }
    }
    return worked.agent.stopped ? null : finishedResult(deps, job, spec, { ...worked, unfinished }, legs)
  } catch (error) {
    const reason = job.stop.reason()
    if (reason?.kind === 'cancelled') return cancelledResult(deps, job, reason.reason, [])
    if (reason !== null) return null
    deps.log.warn({ job: job.id, error }, 'job failed')
    return failedResult(deps, job, failureOf(await withDiskFull(deps.dataDir, error), 'internal'))
  }
}

/** The report of the commands, or null where this start was stopped before they had all ended. */
async function validatedResult(deps: JobDeps, job: OpenJob, spec: JobSpec, paths: JobPaths): Promise<JobResult | null> {
  const { report, legs, notes } = await validateWork(deps, job, spec, paths)
  const reason = job.stop.reason()
  if (reason?.kind === 'cancelled') return cancelledResult(deps, job, reason.reason, legs)
  return reason === null ? { status: 'finished', report, ...outcome(deps, job, legs, notes) } : null
}

/** What was collected, or null where this start was stopped before it was pushed. */
async function collectedResult(deps: JobDeps, job: OpenJob, spec: JobSpec, paths: JobPaths): Promise<JobResult | null> {
  const { report, legs, notes } = await collectWork(deps, job, spec, paths)
  const reason = job.stop.reason()
  if (reason?.kind === 'cancelled') return cancelledResult(deps, job, reason.reason, legs)
  return reason === null ? { status: 'finished', report, ...outcome(deps, job, legs, notes) } : null
}

/** Pushes every leg at the same time; one that fails does not keep the others from it. */
async function pushAll(deps: JobDeps, job: OpenJob, paths: JobPaths, worked: Worked): Promise<LegResult[]> {
  return await Promise.all(
    worked.legs.map(async ({ branch, gathered }) => {
      const result = await settleLeg(job.git, branch, gathered, (push) =>
        withRepair(repairDeps(deps, job), branch.workspace, paths, 'look', push),
      )
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
