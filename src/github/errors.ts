import { z } from 'zod'
import { type Cause, SwitchyardError } from '../contract/failure.ts'

/** How long to wait when GitHub says that a secondary limit was hit but not for how long, in ms. */
export const SECONDARY_LIMIT_WAIT_MS = 60_000
/** GitHub's own message is quoted up to here, in characters. */
const MESSAGE_MAX = 500

/** What Octokit's `RequestError` has, whichever copy of the package threw it. */
const RequestErrorShape = z.object({
  status: z.number(),
  message: z.string(),
  response: z
    .object({
      headers: z.record(z.string(), z.union([z.string(), z.number()]).optional()),
      data: z.unknown(),
    })
    .optional(),
})

const ErrorBody = z.object({
  message: z.string().optional(),
  documentation_url: z.string().optional(),
})

/** GraphQL answers 200 and says in `errors` what went wrong. */
const GraphqlErrorShape = z.object({
  message: z.string(),
  errors: z.array(z.object({ type: z.string().optional(), message: z.string() })).min(1),
  headers: z.record(z.string(), z.union([z.string(), z.number()]).optional()).optional(),
})

/** GitHub said no, or did not answer. `status` is the HTTP status where there was one. */
export class GitHubError extends SwitchyardError {
  readonly status: number | null
  /** For `rate-limit`: from when on it is worth asking again. */
  readonly until: Date | null

  constructor(given: { cause: Cause; message: string; status: number | null; until?: Date; original: unknown }) {
    const retryAt = given.until === undefined ? {} : { retryAt: Math.max(0, given.until.getTime()) }
    super({ cause: given.cause, message: given.message.slice(0, 2_000), ...retryAt }, { cause: given.original })
    this.name = 'GitHubError'
    this.status = given.status
    this.until = given.until ?? null
  }
}

/**
 * Does a request and gives its answer; throws a {@link GitHubError} that says what was being done.
 *
 * @param what completes "GitHub refused to …": `read the file x of owner/name`
 */
export async function ask<T>(what: string, request: () => Promise<T>): Promise<T> {
  try {
    return await request()
  } catch (error) {
    throw githubError(error, what)
  }
}

/** As {@link ask}, with null for what is not there (404, 410). GitHub also answers 404 for what the App may not see. */
export async function askOrNull<T>(what: string, request: () => Promise<T>): Promise<T | null> {
  try {
    return await ask(what, request)
  } catch (error) {
    if (error instanceof GitHubError && (error.status === 404 || error.status === 410)) return null
    throw error
  }
}

/** The error of ours that stands for whatever Octokit threw. Statuses and headers decide, never words. */
export function githubError(error: unknown, what: string, now: number = Date.now()): GitHubError {
  if (error instanceof GitHubError) return error
  const rest = RequestErrorShape.safeParse(error)
  if (rest.success) return restError(rest.data, error, what, now)
  const graphql = GraphqlErrorShape.safeParse(error)
  if (graphql.success) return graphqlError(graphql.data, error, what, now)
  const message = error instanceof Error ? error.message : String(error)
  return new GitHubError({ cause: 'api', message: `Could not ${what}: ${message}`, status: null, original: error })
}

const Refusal = z.object({ errors: z.array(z.object({ type: z.literal('UNPROCESSABLE') })).min(1) })

/** Whether GraphQL understood and would not: a rule is against it, or it is not as the caller thinks. */
export function isRefusal(error: unknown): error is GitHubError {
  return error instanceof GitHubError && Refusal.safeParse(error.cause).success
}

function restError(error: z.infer<typeof RequestErrorShape>, original: unknown, what: string, now: number): GitHubError {
  const { status, response } = error
  const body = ErrorBody.safeParse(response?.data)
  const said = (body.data?.message ?? error.message).slice(0, MESSAGE_MAX)
  // A connection that failed has no response; Octokit gives it status 500.
  if (response === undefined) {
    return new GitHubError({ cause: 'api', message: `GitHub could not be reached to ${what}: ${said}`, status: null, original })
  }
  const until = limitedUntil(status, response.headers, body.data?.documentation_url, now)
  if (until !== null) {
    const message = `GitHub's rate limit does not allow to ${what} before ${until.toISOString()}`
    return new GitHubError({ cause: 'rate-limit', message, status, until, original })
  }
  const denied = status === 401 || status === 403 || status === 404 || status === 410 || status === 451
  const unseen = status === 404 ? ' (it is not there, or the App may not see it)' : ''
  const message = `GitHub answered ${status} to the attempt to ${what}${unseen}: ${said}`
  return new GitHubError({ cause: denied ? 'permission' : 'api', message, status, original })
}

function graphqlError(error: z.infer<typeof GraphqlErrorShape>, original: unknown, what: string, now: number): GitHubError {
  const types = new Set(error.errors.map((each) => each.type))
  const message = `GitHub refused to ${what}: ${error.message.slice(0, MESSAGE_MAX)}`
  if (types.has('RATE_LIMITED')) {
    const until =
      retryAfterOf(error.headers ?? {}, now) ?? resetOf(error.headers ?? {}) ?? new Date(now + SECONDARY_LIMIT_WAIT_MS)
    return new GitHubError({ cause: 'rate-limit', message, status: 200, until, original })
  }
  const denied = types.has('FORBIDDEN') || types.has('NOT_FOUND')
  return new GitHubError({ cause: denied ? 'permission' : 'api', message, status: 200, original })
}

/**
 * Until when GitHub wants to be left alone, or null where this is no rate limit.
 *
 * @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
function limitedUntil(
  status: number,
  headers: Record<string, string | number | undefined>,
  documentation: string | undefined,
  now: number,
): Date | null {
  if (status !== 403 && status !== 429) return null
  const after = retryAfterOf(headers, now)
  if (after !== null) return after
  if (String(headers['x-ratelimit-remaining'] ?? '') === '0') return resetOf(headers) ?? new Date(now + SECONDARY_LIMIT_WAIT_MS)
  // A secondary limit may come without headers: the page it links to tells it from a missing permission.
  const linked = documentation?.includes('secondary-rate-limits') ?? false
  return status === 429 || linked ? new Date(now + SECONDARY_LIMIT_WAIT_MS) : null
}

/** What `Retry-After` says; GitHub gives seconds. */
export function retryAfterOf(headers: Record<string, string | number | undefined>, now: number): Date | null {
  const seconds = Number(headers['retry-after'])
  return headers['retry-after'] !== undefined && Number.isFinite(seconds) ? new Date(now + seconds * 1_000) : null
}

/** When the primary limit's window ends, where the headers say it. */
export function resetOf(headers: Record<string, string | number | undefined>): Date | null {
  const seconds = Number(headers['x-ratelimit-reset'])
  return Number.isFinite(seconds) && seconds > 0 ? new Date(seconds * 1_000) : null
}
