/** How a job leaves this runner: over, given back to the others, or lost to one of them. */
import { type Job, WaitingError } from 'bullmq'
import type { Clock } from './clock.ts'
import { GIT_MARKER } from './git/git-environment.ts'
import type { JobEnding } from './job.ts'
import type { JobDeps } from './job-deps.ts'
import type { JobStop } from './job-stop.ts'
import { JOB_MARKER, jobMark, sweepMarked } from './watch/process-tree.ts'

/** How long a stopping runner gives its jobs to push what they have, in ms; then they are handed back as they are. */
export const HAND_BACK_MS = 15_000

/** A job as the queue gave it. */
export interface TakenJob {
  readonly job: Pick<Job, 'moveToWait'>
  readonly id: string
  readonly token: string | undefined
}

/** Tells app and queue how the job ended. Throws BullMQ's `WaitingError` where another start shall go on. */
export async function conclude(deps: JobDeps, { job, id, token }: TakenJob, ending: JobEnding): Promise<void> {
  switch (ending) {
    case 'over':
      return
    case 'hand-back':
      await handBack(deps, id)
      // Back to the others at once, instead of waiting until our hold on it runs out.
      await job.moveToWait(token)
      throw new WaitingError()
    case 'lost':
      // If the hold is still ours (this process stood still and nobody came), another start goes on; if it is not, the
      // queue refuses this, and whoever has the job speaks of it.
      await job.moveToWait(token).catch(() => undefined)
      throw new WaitingError()
  }
}

/** The app is told first: the next start is no crash then, and a push that hangs gets no further. */
async function handBack({ app, runner, dataDir, log }: JobDeps, id: string): Promise<void> {
  try {
    await app.handBack(id, runner)
  } catch (error) {
    log.warn({ job: id, error }, 'the app does not know that this job is handed back')
  }
  for (const marker of [GIT_MARKER, JOB_MARKER]) sweepMarked(marker, jobMark(dataDir, id))
}

/** Resolves to a hand-back when a stopping runner has waited long enough for the job. */
export function handBackTime(clock: Clock, stop: JobStop): Promise<JobEnding> {
  return new Promise((resolve) => {
    stop.signal.addEventListener('abort', () => {
      if (stop.reason()?.kind === 'shutdown') clock.after(HAND_BACK_MS, () => resolve('hand-back'))
    })
  })
}
