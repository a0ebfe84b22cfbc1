/** A runner takes a job, and gives it back when it stops. */
import type { Context } from 'hono'
import { HandBackRequest, type StartAnswer, StartRequest } from '../../contract/api.ts'
import { CRASH_BUDGET } from '../../contract/queue.ts'
import { closeJob, handBackJob, startJob } from '../../store/jobs.ts'
import { type InternalApiOptions, jobOf, wanted } from './job-of.ts'
import { body, refuse } from './request.ts'

/** Whether the runner that asks may work on the job: it is wanted, and was not given up. */
export async function start(options: InternalApiOptions, context: Context): Promise<Response> {
  const asked = await body(context, StartRequest)
  if (asked instanceof Response) return asked
  const no = (why: Extract<StartAnswer, { go: false }>['why']) => context.json({ go: false, why } satisfies StartAnswer)
  const job = await jobOf(options, context)
  if (job === null) return no('unknown')
  if (job.state === 'over') return no('over')
  if (job.state === 'cancelled' || job.cancel !== null) {
    // Its runner was lost while it ended. Only a step whose agent was to be told something still waits for it.
    const lost = { type: 'job.lost', job: job.id, why: 'its runner was lost while it was stopped' } as const
    await options.engine.apply(job.runId, `lost:${job.id}`, lost, async (tx) => {
      await closeJob(tx, job.id, 'cancelled')
    })
    return no('cancelled')
  }
  if (!(await wanted(options, job, 'active'))) {
    await closeJob(options.store.db, job.id, 'cancelled')
    return no('stale')
  }
  const crashes = job.start - job.handBacks
  if (crashes > CRASH_BUDGET && job.runner !== asked.runner) {
    const why = `${crashes} runners were lost while they worked on it`
    await options.engine.apply(job.runId, `lost:${job.id}`, { type: 'job.lost', job: job.id, why }, async (tx) => {
      await closeJob(tx, job.id, 'over')
    })
    return no('too-many-starts')
  }
  const started = await startJob(options.store.db, job.id, asked.runner)
  if (started === null) return no('over')
  // Whoever had the job before may still be alive, with a push on its way: it must not arrive.
  await options.jobTokens.takeBack(job.id)
  options.log.info({ job: job.id, run: job.runId, runner: asked.runner, start: started.start }, 'Job started')
  const denied = job.progress?.denied
  const known = denied === undefined ? {} : { denied }
  return context.json({ go: true, start: started.start, ...known } satisfies StartAnswer)
}

/** A runner that stops gives a job back: its next start is no crash. */
export async function handBack(options: InternalApiOptions, context: Context): Promise<Response> {
  const asked = await body(context, HandBackRequest)
  if (asked instanceof Response) return asked
  const job = await jobOf(options, context)
  if (job === null) return refuse(context, 404, 'unknown', 'there is no such job')
  if (await handBackJob(options.store.db, job.id, asked.runner))
    options.log.info({ job: job.id, run: job.runId, runner: asked.runner }, 'Job handed back')
  return context.body(null, 204)
}
