/** What a REST operation is here: GitHub's own path template, who may use it, and what it does. */
import type { App, Installation, Level, Permissions, Repository, Token } from '../state/model.ts'
import type { World } from '../state/world.ts'

/** Who asks: an App by its JWT, an installation by its token. */
export type Principal = { kind: 'app'; app: App } | { kind: 'installation'; app: App; installation: Installation; token: Token }

export interface Call {
  world: World
  params: Record<string, string>
  query: URLSearchParams
  body: Record<string, unknown>
  principal: Principal
}

/** A call of an installation on a repository that its token covers. */
export interface RepositoryCall extends Call {
  repository: Repository
  installation: Installation
  app: App
  token: Token
}

export interface Reply {
  status: number
  body?: unknown
  headers?: Record<string, string>
  /** Sent as it is instead of JSON. */
  text?: string
}

interface RouteBase {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** As in GitHub's description, so that the answer can be held against it. */
  path: string
}

export type Route = RouteBase &
  (
    | { auth: 'any'; handle: (call: Call) => Reply | Promise<Reply> }
    | { auth: 'app'; handle: (call: Call & { app: App }) => Reply | Promise<Reply> }
    | { auth: 'installation'; handle: (call: Call & { installation: Installation; token: Token }) => Reply | Promise<Reply> }
    | { auth: 'repository'; needs: Need[]; handle: (call: RepositoryCall) => Reply | Promise<Reply> }
  )

/** Permissions that must be held together; of several, any one is enough. */
export type Need = Permissions

/** For whoever has a token: what is public. */
export function publicRoute(method: Route['method'], path: string, handle: (call: Call) => Reply): Route {
  return { method, path, auth: 'any', handle }
}

export function appRoute(method: Route['method'], path: string, handle: Extract<Route, { auth: 'app' }>['handle']): Route {
  return { method, path, auth: 'app', handle }
}

export function installationRoute(
  method: Route['method'],
  path: string,
  handle: Extract<Route, { auth: 'installation' }>['handle'],
): Route {
  return { method, path, auth: 'installation', handle }
}

/** `path` is after `/repos/{owner}/{repo}`. `needs` such as `issues:write`, or `issues:write|pull_requests:write`. */
export function repositoryRoute(
  method: Route['method'],
  path: string,
  needs: string,
  handle: (call: RepositoryCall) => Reply | Promise<Reply>,
): Route {
  return { method, path: `/repos/{owner}/{repo}${path}`, auth: 'repository', needs: parseNeeds(needs), handle }
}

function parseNeeds(text: string): Need[] {
  return text.split('|').map((part) => {
    const [name = '', level = 'read'] = part.split(':')
    return { [name]: level as Level }
  })
}

export function ok(body: unknown, status = 200): Reply {
  return { status, body }
}

export const noContent: Reply = { status: 204 }

export interface RouteMatch {
  route: Route
  params: Record<string, string>
}

/** Parameters that may hold slashes. */
const MANY = new Set(['ref', 'path', 'basehead', 'branch'])

/** Finds the operation of a request. Templates with fewer parameters win. */
export function createMatcher(routes: Route[]): (method: string, path: string) => RouteMatch | null {
  const compiled = routes
    .map((route) => {
      const names: string[] = []
      const source = route.path.replace(/\{([^}]+)\}/g, (_, name: string) => {
        names.push(name)
        return MANY.has(name) ? '(.+?)' : '([^/]+)'
      })
      return { route, names, expression: new RegExp(`^${source}/?$`) }
    })
    .sort((a, b) => a.names.length - b.names.length || b.route.path.length - a.route.path.length)
  return (method, path) => {
    for (const { route, names, expression } of compiled) {
      if (route.method !== method) continue
      const match = expression.exec(path)
      if (match === null) continue
      const params = Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? '')]))
      return { route, params }
    }
    return null
  }
}
