/**
 * What runners ask of the app (`src/contract/api.ts`): may a job start, a token for one repository and one operation,
 * where progress and results go. Every answer about a job is about its current start: what an older start says, or asks
 * for, is refused, so that a runner that was given up can do no harm.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Context, Hono } from 'hono'
import type { Logger } from 'pino'
import {
  CONTROL_POLL_MS,
  type Control,
  HandBackRequest,
  ProgressRequest,
  ResultRequest,
  RunnerHeartbeat,
  type StartAnswer,
  StartRequest,
  type TokenAnswer,
  TokenEnd,
  TokenRequest,
} from '../contract/api.ts'
import { crashPoint } from '../contract/crash-point.ts'
import { failureOf } from '../contract/failure.ts'
import { JobId } from '../contract/ids.ts'
import { type ModelCallAnswer, ModelCallEnd, ModelCallRequest } from '../contract/model-call.ts'
import { CRASH_BUDGET } from '../contract/queue.ts'
import type { Engine } from '../engine/engine.ts'
import type { Spending } from '../gateway/spending.ts'
import { GitHubError } from '../github/errors.ts'
import type { Run } from '../pipeline/model.ts'
import { activeStep, awaitedJobs } from '../pipeline/state.ts'
import { appendLog } from '../store/agent-log.ts'
import {
  closeJob,
  getJob,
  handBackJob,
  recordHeartbeat,
  recordProgress,
  type StoredJob,
  startJob,
  storeResult,
} from '../store/jobs.ts'
import { seenRunner } from '../store/runners.ts'
import { getRun } from '../store/runs.ts'
import type { Store } from '../store/store.ts'
import { body, refuse } from './internal-request.ts'
import type { JobTokens } from './job-tokens.ts'

/** How often a held control poll looks again, in ms. */
const CONTROL_LOOK_MS = 500

export interface InternalApiOptions {
  store: Store
  engine: Engine
  /** `RUNNER_SECRET`. */
  secret: string
  /** Mints a token for one repository of an installation: `contents: read` to fetch, `contents: write` to push. */
  mintToken(installationId: number, repositoryId: number, operation: 'fetch' | 'push'): Promise<TokenAnswer>
  jobTokens: JobTokens
  spending: Spending
  log: Logger
}

export function internalApi(options: InternalApiOptions): Hono {
  const api = new Hono()
  api.use(async (context, next) => {
    if (!sameSecret(context.req.header('authorization'), options.secret))
      return refuse(context, 401, 'unauthorized', 'RUNNER_SECRET does not match')
    return next()
  })
  api.onError((error, context) => {
    options.log.error({ err: error, path: context.req.path }, 'Internal API failed')
    return refuse(context, 500, 'internal', failureOf(error, 'internal').message)
  })
  api.post('/runners/heartbeat', async (context) => {
    const heartbeat = await body(context, RunnerHeartbeat)
    if (heartbeat instanceof Response) return heartbeat
    await seenRunner(options.store.db, heartbeat)
    await recordHeartbeat(options.store.db, heartbeat.runner, heartbeat.active)
    return context.body(null, 204)
  })
  api.post('/jobs/:job/start', (context) => start(options, context))
  api.post('/jobs/:job/token', (context) => token(options, context))
  api.post('/jobs/:job/token-end', (context) => tokenEnd(options, context))
  api.post('/jobs/:job/model-call', (context) => modelCall(options, context))
  api.post('/jobs/:job/model-call-end', (context) => modelCallEnd(options, context))
  api.post('/jobs/:job/progress', (context) => progress(options, context))
  api.post('/jobs/:job/hand-back', (context) => handBack(options, context))
  api.get('/jobs/:job/control', (context) => control(options, context))
  api.post('/jobs/:job/result', (context) => result(options, context))
  return api
}

function sameSecret(header: string | undefined, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${secret}`))
}

async function jobOf({ store }: InternalApiOptions, context: Context): Promise<StoredJob | null> {
  const id = JobId.safeParse(context.req.param('job'))
  return id.success ? getJob(store.db, id.data) : null
}

/** A job is wanted while its run is in this state and the run's step waits for it. */
async function wanted({ store }: InternalApiOptions, job: StoredJob, state: 'active' | 'paused'): Promise<boolean> {
  const run = await getRun(store.db, job.runId)
  return run !== null && waitsFor(run, job, state)
}

function waitsFor(run: Run, job: StoredJob, state: 'active' | 'paused'): boolean {
  return run.status.state === state && awaitedJobs(activeStep(run)?.status.wait ?? null).includes(job.id)
}

/** What a current start may have a token for: all of its job; after a pause (RUN-6), or to be told something (CMD-12), only to push what it has done. */
async function mayHaveToken(options: InternalApiOptions, job: StoredJob, operation: 'fetch' | 'push'): Promise<boolean> {
  if (job.cancel === null) {
    if (await wanted(options, job, 'active')) return true
    // Held a moment ago, for its budget, and not told to stop yet: its agent may have ended by itself at the refusal.
    return operation === 'push' && (await wanted(options, job, 'paused'))
  }
  if (!job.cancelKeep || operation !== 'push') return false
  return (await wanted(options, job, 'paused')) || (await wanted(options, job, 'active'))
}

async function start(options: InternalApiOptions, context: Context): Promise<Response> {
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
  return context.json({ go: true, start: started.start } satisfies StartAnswer)
}

async function token(options: InternalApiOptions, context: Context): Promise<Response> {
  const asked = await body(context, TokenRequest)
  if (asked instanceof Response) return asked
  const job = await jobOf(options, context)
  if (job === null) return refuse(context, 404, 'unknown', 'there is no such job')
  const current = job.state === 'running' && job.start === asked.start
  if (!current || !(await mayHaveToken(options, job, asked.operation)))
    return refuse(context, 409, 'stale', 'the job is over, cancelled, or was started anew')
  const leg = job.spec.legs.find(({ repositoryId }) => repositoryId === asked.repositoryId)
  if (leg === undefined) return refuse(context, 403, 'not-a-leg', 'the repository is not one of this job')
  const mayPush = job.spec.mode === 'code' && leg.access === 'write'
  if (asked.operation === 'push' && !mayPush)
    return refuse(context, 403, 'read-only', `${leg.repository} may only be read by this job`)
  const run = await getRun(options.store.db, job.runId)
  if (run === null) return refuse(context, 404, 'unknown', 'there is no such run')
  try {
    const minted = await options.mintToken(run.task.installationId, asked.repositoryId, asked.operation)
    options.jobTokens.given(job.id, minted)
    return context.json(minted)
  } catch (error) {
    if (!isRefusal(error)) throw error
    options.log.info({ err: error, run: run.id, repo: leg.repository }, 'GitHub gives no token')
    return refuse(
      context,
      403,
      'refused',
      `GitHub gives no token for ${leg.repository}. Check that the App is installed there.`,
    )
  }
}

/** Of any start, also of a job that is over: a token that nobody needs any more is better ended. */
async function tokenEnd(options: InternalApiOptions, context: Context): Promise<Response> {
  const told = await body(context, TokenEnd)
  if (told instanceof Response) return told
  const job = await jobOf(options, context)
  if (job === null) return refuse(context, 404, 'unknown', 'there is no such job')
  await options.jobTokens.used(job.id, told.token)
  return context.body(null, 204)
}

/** GitHub's no to this App or repository: asking again would end the same. */
function isRefusal(error: unknown): boolean {
  return error instanceof GitHubError && [403, 404, 422, 451].includes(error.status ?? 0)
}

/** The model gateway asks before each call that costs money; only for the start that has the job, and while it is wanted. */
async function modelCall(options: InternalApiOptions, context: Context): Promise<Response> {
  const asked = await body(context, ModelCallRequest)
  if (asked instanceof Response) return asked
  const job = await jobOf(options, context)
  const current = job !== null && job.state === 'running' && job.start === asked.start && job.cancel === null
  const message = 'the job is over, cancelled, or was started anew'
  const run = current ? await getRun(options.store.db, job.runId) : null
  if (!current || run === null || !waitsFor(run, job, 'active'))
    return context.json({ ok: false, why: 'stale', message } satisfies ModelCallAnswer)
  const { answer, reached } = await options.spending.ask(run, job.spec, asked)
  if (reached !== null) {
    // Before the agent hears of it: whatever it makes of the refusal, the run is held already.
    const event = { type: 'budget.reached', job: job.id, stand: reached } as const
    await options.engine.apply(job.runId, `budget:${job.id}`, event)
  }
  return context.json(answer)
}

async function modelCallEnd(options: InternalApiOptions, context: Context): Promise<Response> {
  const told = await body(context, ModelCallEnd)
  if (told instanceof Response) return told
  const job = await jobOf(options, context)
  if (job === null) return refuse(context, 404, 'unknown', 'there is no such job')
  const run = await getRun(options.store.db, job.runId)
  if (run === null) return refuse(context, 404, 'unknown', 'there is no such run')
  const near = await options.spending.end(run, job.spec, told)
  if (near !== null) await options.engine.apply(run.id, `near:${told.call}`, { type: 'budget.near', stand: near })
  return context.body(null, 204)
}

async function progress(options: InternalApiOptions, context: Context): Promise<Response> {
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

async function handBack(options: InternalApiOptions, context: Context): Promise<Response> {
  const asked = await body(context, HandBackRequest)
  if (asked instanceof Response) return asked
  const job = await jobOf(options, context)
  if (job === null) return refuse(context, 404, 'unknown', 'there is no such job')
  if (await handBackJob(options.store.db, job.id, asked.runner))
    options.log.info({ job: job.id, run: job.runId, runner: asked.runner }, 'Job handed back')
  return context.body(null, 204)
}

/** What a start is told that is not the job's current one, or whose job has ended. */
function notCurrent(job: StoredJob, start: number): Control {
  const live = job.state === 'queued' || job.state === 'running'
  if (live && job.start !== start) return { cancel: 'the job was started anew', keep: false, lost: true }
  return { cancel: job.cancel ?? 'the job is over', keep: job.cancelKeep, lost: live }
}

/** Held open until the job shall be cancelled, was started anew, or the time is up. */
async function control(options: InternalApiOptions, context: Context): Promise<Response> {
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

/** The result and the event that it is for the run are stored in one transaction; a repeat is taken and changes nothing. */
async function result(options: InternalApiOptions, context: Context): Promise<Response> {
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
