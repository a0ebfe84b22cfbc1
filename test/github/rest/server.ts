/** The API's front: finds the operation, checks who asks, answers as GitHub does, and notes down every request. */
import { createHash } from 'node:crypto'
import { ApiError } from '../api-error.ts'
import { handleGraphql } from '../graphql/handle.ts'
import { checkResponse } from '../openapi/check-response.ts'
import { fullName } from '../state/model.ts'
import type { RequestRecord, World } from '../state/world.ts'
import { timestamp } from '../state/world.ts'
import { authenticate, authorizeRepository } from './authenticate.ts'
import { PAGE_BASE } from './paging.ts'
import { createRateLimits, type RateLimits } from './rate-limits.ts'
import { type Call, createMatcher, type Principal, type Reply, type RouteMatch } from './registry.ts'
import { routes } from './routes.ts'

const API_VERSION = '2022-11-28'
const REST_PREFIX = '/api/v3'
const GRAPHQL_PATH = '/api/graphql'

export type ApiHandler = (request: Request) => Promise<Response | 'hang-up' | null>

interface Answered {
  reply: Reply
  principal: Principal | null
  match: RouteMatch | null
}

/** Null when the address is none of the API's. */
export function createApi(world: World): ApiHandler {
  const match = createMatcher(routes)
  const limits = createRateLimits(world.now)

  return async (request) => {
    const started = performance.now()
    const url = new URL(request.url)
    const isGraphql = url.pathname === GRAPHQL_PATH
    if (!isGraphql && !url.pathname.startsWith(`${REST_PREFIX}/`)) return null
    const path = isGraphql ? '/graphql' : url.pathname.slice(REST_PREFIX.length)
    const method = request.method === 'HEAD' ? 'GET' : request.method
    const former = isGraphql ? null : redirected(world, path)
    const found = isGraphql ? null : match(method, byId(world, path))
    const route = isGraphql ? '/graphql' : (found?.route.path ?? null)
    const text = await request.text()
    const body = parseBody(text)

    const delay = world.faults.delayOf(method, route, path)
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay))
    const failure = world.faults.nextFailure(method, route, path)
    const answered: Answered =
      former !== null && failure === null
        ? {
            reply: {
              status: method === 'GET' ? 301 : 307,
              body: { message: 'Moved Permanently', url: former, documentation_url: 'https://docs.github.com/rest' },
              headers: { location: former + url.search },
            },
            principal: null,
            match: null,
          }
        : failure !== null && !failure.afterEffect
          ? {
              reply: { status: failure.status, body: failure.body ?? plainBody(failure.status) },
              principal: null,
              match: found,
            }
          : await answer(world, {
              path,
              method,
              url,
              authorization: request.headers.get('authorization'),
              body,
              found,
              isGraphql,
            })
    const reply: Reply =
      failure === null
        ? answered.reply
        : { status: failure.status, body: failure.body ?? plainBody(failure.status), headers: failure.headers ?? {} }

    const record: RequestRecord = {
      at: timestamp(world),
      method: request.method,
      path: path + url.search,
      route,
      status: reply.status,
      app: answered.principal?.app.slug ?? null,
      installation: answered.principal?.kind === 'installation' ? answered.principal.installation.id : null,
      write: isWrite(method, route, body),
      milliseconds: performance.now() - started,
      body: body ?? null,
    }
    world.requests.push(record)
    if (failure?.hangUp) return 'hang-up'
    if (failure === null && found) checkResponse(world, method, found.route.path, reply)
    const response = toResponse(world, request, `${world.apiUrl}${path}`, reply, limits, answered.principal)
    record.status = response.status
    return response
  }
}

/** Where a request for a repository's former name is led to; null for any other. */
function redirected(world: World, path: string): string | null {
  const [, owner, name, rest = ''] = /^\/repos\/([^/]+)\/([^/]+)(\/.*)?$/.exec(path) ?? []
  const full = `${owner}/${name}`.toLowerCase()
  const moved = world.repositories.has(full) ? undefined : world.formerNames.get(full)
  return moved === undefined ? null : `${world.apiUrl}/repositories/${moved.id}${rest}`
}

/** `/repositories/{id}/…`, where redirects lead, is the same as the path with the name. */
function byId(world: World, path: string): string {
  const [, id, rest = ''] = /^\/repositories\/(\d+)(\/.*)?$/.exec(path) ?? []
  const named = [...world.repositories.values()].find((one) => String(one.id) === id)
  return named === undefined ? path : `/repos/${fullName(named)}${rest}`
}

interface Asked {
  path: string
  method: string
  url: URL
  authorization: string | null
  body: Record<string, unknown> | null
  found: RouteMatch | null
  isGraphql: boolean
}

async function answer(world: World, asked: Asked): Promise<Answered> {
  const { found, isGraphql, body, url } = asked
  let principal: Principal | null = null
  try {
    principal = authenticate(world, asked.authorization)
    if (isGraphql) return { reply: await handleGraphql(world, principal, body ?? {}), principal, match: null }
    if (found === null) {
      // GitHub may serve it: whoever tests against this must hear that it was not really asked.
      const what = `${asked.method} ${asked.path} is not served by the local GitHub`
      world.violations.push({ what, errors: ['no such operation'] })
      world.log('operation not served', { method: asked.method, path: asked.path })
      throw new ApiError(404, 'Not Found')
    }
    if (body === null) throw new ApiError(400, 'Problems parsing JSON')
    const call: Call = { world, params: found.params, query: url.searchParams, body, principal }
    return { reply: await run(call, found), principal, match: found }
  } catch (error) {
    if (!(error instanceof ApiError)) {
      world.log('request failed', { path: asked.path, error: error instanceof Error ? error.stack : String(error) })
      return { reply: { status: 500, body: plainBody(500) }, principal, match: found }
    }
    const reply = {
      status: error.status,
      headers: error.headers,
      body: {
        message: error.message,
        ...(error.errors ? { errors: error.errors } : {}),
        documentation_url: 'https://docs.github.com/rest',
        status: String(error.status),
      },
    }
    return { reply, principal, match: found }
  }
}

async function run(call: Call, { route }: RouteMatch): Promise<Reply> {
  const { principal } = call
  switch (route.auth) {
    case 'any':
      return route.handle(call)
    case 'app':
      if (principal.kind !== 'app') throw new ApiError(401, 'A JSON web token could not be decoded')
      return route.handle({ ...call, app: principal.app })
    case 'installation':
      if (principal.kind !== 'installation') throw new ApiError(403, 'You must authenticate with an installation access token.')
      return route.handle({ ...call, installation: principal.installation, token: principal.token })
    case 'repository':
      return route.handle(authorizeRepository(call, route.needs))
  }
}

function callerOf(principal: Principal | null): string {
  if (principal === null) return 'anonymous'
  return principal.kind === 'app' ? `app ${principal.app.id}` : `installation ${principal.installation.id}`
}

function parseBody(text: string): Record<string, unknown> | null {
  if (text === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    // A bare list is what an old form of setting labels sends.
    if (Array.isArray(value)) return { labels: value }
    return typeof value === 'object' && value !== null ? { ...value } : null
  } catch {
    return null
  }
}

function isWrite(method: string, route: string | null, body: Record<string, unknown> | null): boolean {
  if (route === '/graphql') return typeof body?.query === 'string' && body.query.trimStart().startsWith('mutation')
  return method !== 'GET' && route !== '/app/installations/{installation_id}/access_tokens' && route !== '/installation/token'
}

function plainBody(status: number) {
  return { message: status >= 500 ? 'Server Error' : 'Error', documentation_url: 'https://docs.github.com/rest' }
}

function toResponse(
  world: World,
  request: Request,
  address: string,
  reply: Reply,
  limits: RateLimits,
  principal: Principal | null,
): Response {
  const content = reply.text ?? (reply.body === undefined ? null : JSON.stringify(reply.body))
  const isJson = reply.text === undefined && content !== null
  const headers = new Headers({
    'content-type': isJson ? 'application/json; charset=utf-8' : 'text/plain; charset=utf-8',
    date: world.now().toUTCString(),
    'x-github-media-type': 'github.v3; format=json',
    'x-github-api-version-selected': API_VERSION,
    'x-github-request-id': crypto.randomUUID(),
    'cache-control': 'private, max-age=60, s-maxage=60',
  })
  let status = reply.status
  if ((request.method === 'GET' || request.method === 'HEAD') && status === 200 && content !== null) {
    // GitHub's ETags change with the token; a client that rotates tokens sees each answer anew.
    const hash = createHash('sha256')
      .update(request.headers.get('authorization') ?? '')
      .update(content)
      .digest('hex')
    headers.set('etag', `W/"${hash}"`)
    if ((request.headers.get('if-none-match') ?? '').includes(hash)) status = 304
  }
  const used = limits.take(callerOf(principal), status !== 304)
  for (const [name, value] of Object.entries(used)) headers.set(name, value)
  for (const [name, value] of Object.entries(reply.headers ?? {})) headers.set(name, value.replaceAll(PAGE_BASE, address))
  const bodiless = status === 204 || status === 304 || request.method === 'HEAD'
  if (bodiless) headers.delete('content-type')
  return new Response(bodiless ? null : content, { status, headers })
}
