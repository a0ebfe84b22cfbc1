/** What every answer about a job begins with: which job it is, what all answers need, and whether its run waits for it. */
import type { Context } from 'hono'
import type { Logger } from 'pino'
import type { TokenAnswer } from '../../contract/api.ts'
import { JobId } from '../../contract/ids.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Spending } from '../../gateway/spending.ts'
import { activeStep, awaitedJobs } from '../../pipeline/state.ts'
import { getJob, type StoredJob } from '../../store/jobs.ts'
import { getRun } from '../../store/runs.ts'
import type { Store } from '../../store/store.ts'
import type { JobTokens } from './job-tokens.ts'

/** What the internal API works with. */
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

/** The job's id as the request names it; null where it is none. */
export function idOf(context: Context): JobId | null {
  return JobId.safeParse(context.req.param('job')).data ?? null
}

/** The job that a request is about; null where there is none. */
export async function jobOf({ store }: InternalApiOptions, context: Context): Promise<StoredJob | null> {
  const id = idOf(context)
  return id === null ? null : getJob(store.db, id)
}

/** A job is wanted while its run is in this state and the run's step waits for it. */
export async function wanted({ store }: InternalApiOptions, job: StoredJob, state: 'active' | 'paused'): Promise<boolean> {
  const run = await getRun(store.db, job.runId)
  return run !== null && run.status.state === state && awaitedJobs(activeStep(run)?.status.wait ?? null).includes(job.id)
}
