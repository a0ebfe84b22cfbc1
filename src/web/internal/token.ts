/** Tokens of GitHub's: for one repository and one operation, given to the job's current start and ended after use. */
import type { Context } from 'hono'
import { TokenEnd, TokenRequest } from '../../contract/api.ts'
import { GitHubError } from '../../github/errors.ts'
import type { StoredJob } from '../../store/jobs.ts'
import { getRun } from '../../store/runs.ts'
import { type InternalApiOptions, jobOf, wanted } from './job-of.ts'
import { body, refuse } from './request.ts'

/** A token for one of the job's repositories. */
export async function token(options: InternalApiOptions, context: Context): Promise<Response> {
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
export async function tokenEnd(options: InternalApiOptions, context: Context): Promise<Response> {
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
