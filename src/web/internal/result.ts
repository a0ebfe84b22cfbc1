import type { Context } from 'hono'
import { ResultRequest } from '../../contract/api.ts'
import { crashPoint } from '../../contract/crash-point.ts'
import { storeResult } from '../../store/jobs.ts'
import { type InternalApiOptions, jobOf } from './job-of.ts'
import { body, refuse } from './request.ts'

/** The result and the event that it is for the run are stored in one transaction; a repeat is taken and changes nothing. */
export async function result(options: InternalApiOptions, context: Context): Promise<Response> {
  const asked = await body(context, ResultRequest)
  if (asked instanceof Response) return asked
  const job = await jobOf(options, context)
  if (job === null) return refuse(context, 404, 'unknown', 'there is no such job')
  if (job.state === 'over' && job.start === asked.start) return context.body(null, 204)
  if (job.state !== 'running' || job.start !== asked.start)
    return refuse(context, 409, 'stale', 'the job is over, cancelled, or was started anew')
  const event = { type: 'job.finished', job: job.id, result: asked.result } as const
  await options.engine.apply(job.runId, `result:${job.id}`, event, async (tx) => {
    await storeResult(tx, job.id, asked.start, asked.result)
  })
  crashPoint('result-stored')
  // Each was said to be used after its operation; what is left now was lost on the way.
  await options.jobTokens.takeBack(job.id)
  options.log.info({ job: job.id, run: job.runId, status: asked.result.status }, 'Job ended')
  return context.body(null, 204)
}
