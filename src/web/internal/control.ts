/** What a runner hears of the job that it works on: in answer to its progress, and by a poll that is held open. */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from 'hono'
import { CONTROL_POLL_MS, type Control, ProgressRequest } from '../../contract/api.ts'
import { appendLog } from '../../store/agent-log.ts'
import { recordProgress, type StoredJob } from '../../store/jobs.ts'
import { type InternalApiOptions, jobOf } from './job-of.ts'
import { body, refuse } from './request.ts'

/** How often a held control poll looks again, in ms. */
const CONTROL_LOOK_MS = 500

/** Takes what a start has done so far. */
export async function progress(options: InternalApiOptions, context: Context): Promise<Response> {
  const asked = await body(context, ProgressRequest)
  if (asked instanceof Response) return asked
  const job = await jobOf(options, context)
  if (job === null) return refuse(context, 404, 'unknown', 'there is no such job')
  const known = await recordProgress(options.store.db, job.id, asked.start, asked.progress)
  if (known === null) return context.json(notCurrent(job, asked.start))
  await appendLog(options.store.db, job.id, asked.start, asked.log)
  await takeFollowUps(options, job, asked)
  return context.json({ cancel: known.cancel, keep: known.cancelKeep, lost: false } satisfies Control)
}

/** What the agent noticed goes into the run before the runner is answered: until then it sends it again. */
async function takeFollowUps(
  { engine }: InternalApiOptions,
  job: StoredJob,
  { start, followUps = [] }: ProgressRequest,
): Promise<void> {
  if (followUps.length === 0) return
  const digest = createHash('sha256').update(JSON.stringify(followUps)).digest('hex').slice(0, 32)
  await engine.apply(job.runId, `follow-ups:${job.id}:${start}:${digest}`, { type: 'follow-ups.noticed', followUps })
}

/** What a start is told that is not the job's current one, or whose job has ended. */
function notCurrent(job: StoredJob, start: number): Control {
  const live = job.state === 'queued' || job.state === 'running'
  if (live && job.start !== start) return { cancel: 'the job was started anew', keep: false, lost: true }
  return { cancel: job.cancel ?? 'the job is over', keep: job.cancelKeep, lost: live }
}

/** Held open until the job shall be cancelled, was started anew, or the time is up. */
export async function control(options: InternalApiOptions, context: Context): Promise<Response> {
  const until = Date.now() + CONTROL_POLL_MS
  const start = Number(context.req.query('start'))
  for (;;) {
    const job = await jobOf(options, context)
    if (job === null) return refuse(context, 404, 'unknown', 'there is no such job')
    if (job.start !== start || job.state !== 'running') return context.json(notCurrent(job, start))
    if (job.cancel !== null) return context.json({ cancel: job.cancel, keep: job.cancelKeep, lost: false } satisfies Control)
    if (Date.now() >= until || context.req.raw.signal.aborted)
      return context.json({ cancel: null, keep: false, lost: false } satisfies Control)
    await sleep(CONTROL_LOOK_MS)
  }
}
