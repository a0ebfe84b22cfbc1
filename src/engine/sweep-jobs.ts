/** Live jobs that nobody works on: lost by the queue, or held by a runner that the app hears nothing of. */
import type { Instant } from '../pipeline/model.ts'
import { closeJob, getJob, type JobRow, liveJobs } from '../store/jobs.ts'
import { liveRunners } from '../store/runners.ts'
import type { SweepOptions } from './sweeps.ts'

/** A runner that was heard of in this time, in ms, can take a job that another one holds and is silent about. */
const RUNNER_HEARD_MS = 30_000

type Options = Omit<SweepOptions, 'limits' | 'money'>

/**
 * A job that no queue holds is put there again; its runner asks before it starts. One that its runner holds in the queue
 * without a word to the app (cut off from it) fails as `evicted`, if another runner could have it: whoever is cut off gets
 * no token any more, and is told to stop when it is back. Gives how many were found.
 *
 * @param since when this app began to listen: silence before that is not the runners'
 */
export async function sweepJobs(options: Options, since: Instant): Promise<number> {
  const { store, queue, jobLostAfterMs, now } = options
  let found = 0
  for (const job of await liveJobs(store.db)) {
    const lastSign = Math.max(job.heartbeatAt ?? job.createdAt, job.state === 'running' ? since : 0)
    if (now() - lastSign < jobLostAfterMs) continue
    const state = await queue.jobState(job.id)
    if (state === 'absent') found += await putThereAgain(options, job)
    else if (state === 'active' && job.state === 'running') found += await giveUp(options, job)
  }
  return found
}

async function putThereAgain({ store, queue, log }: Options, { id, runId, cancel }: JobRow): Promise<number> {
  const job = await getJob(store.db, id)
  if (job === null) return 0
  log.warn({ job: id, run: runId, cancel }, 'Job found in no queue; put there again')
  await queue.addJob(job.spec, job.turn)
  return 1
}

async function giveUp({ store, engine, now, log }: Options, { id, runId, runner }: JobRow): Promise<number> {
  const others = (await liveRunners(store.db, now() - RUNNER_HEARD_MS)).filter((other) => other.runner !== runner)
  if (others.length === 0) return 0
  log.warn({ job: id, run: runId, runner }, 'Nothing is heard of the runner that has this job; it goes to another one')
  const event = { type: 'job.lost', job: id, why: 'nothing is heard any more of the runner that has it' } as const
  await engine.apply(runId, `lost:${id}`, event, async (tx) => {
    await closeJob(tx, id, 'over')
  })
  return 1
}
