/**
 * What runners ask of the app (`src/contract/api.ts`): may a job start, a token for one repository and one operation,
 * where progress and results go. Every answer about a job is about its current start: what an older start says, or asks
 * for, is refused, so that a runner that was given up can do no harm.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { RunnerHeartbeat } from '../../contract/api.ts'
import { failureOf } from '../../contract/failure.ts'
import { recordHeartbeat } from '../../store/jobs.ts'
import { seenRunner } from '../../store/runners.ts'
import { control, progress } from './control.ts'
import type { InternalApiOptions } from './job-of.ts'
import { modelCall, modelCallEnd } from './model-call.ts'
import { body, refuse } from './request.ts'
import { result } from './result.ts'
import { handBack, start } from './start.ts'
import { token, tokenEnd } from './token.ts'

/** The internal API, to be mounted at `/internal`. */
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
  api.post('/runners/heartbeat', (context) => heartbeat(options, context))
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

async function heartbeat({ store }: InternalApiOptions, context: Context): Promise<Response> {
  const beat = await body(context, RunnerHeartbeat)
  if (beat instanceof Response) return beat
  await seenRunner(store.db, beat)
  await recordHeartbeat(store.db, beat.runner, beat.active)
  return context.body(null, 204)
}
