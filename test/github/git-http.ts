/**
 * Git's smart HTTP protocol in front of a folder of bare repositories, under any plain node server. Git itself speaks it
 * (`git upload-pack`, `git receive-pack`); here is what `git http-backend` would do around them, without its process.
 * https://git-scm.com/docs/http-protocol
 */
import { access } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { launched } from '../support/launch.ts'
import { type PushLimits, pushEnvironment, type RefUpdate, updatesDone, updatesIn } from './git-push.ts'

export type { RefUpdate } from './git-push.ts'

export type GitService = 'git-upload-pack' | 'git-receive-pack'

/** One request of a git client, before it is answered. */
export interface GitRequest {
  /** `owner/name`, as in the address, without `.git`. */
  repository: string
  service: GitService
  /** `advertise` is the first request of a fetch or push, `rpc` the one that carries data. */
  phase: 'advertise' | 'rpc'
  /** The password of Basic authentication, or the bearer token; null without an Authorization header. */
  token: string | null
}

export type GitAccess =
  | { allowed: true; user: string; limits?: PushLimits }
  | { allowed: false; status: 401 | 403 | 404 | 503; message: string }

export interface GitHttpOptions {
  /** The folder with `owner/name.git` in it. */
  root: string
  authorize: (request: GitRequest) => GitAccess | Promise<GitAccess>
  /** Called once per push that moved something, before the client's answer ends. */
  pushed?: (push: { repository: string; user: string; updates: RefUpdate[] }) => void | Promise<void>
}

/** Answers git requests. False when the address is none of git's and nothing was answered. */
export type GitHttpHandler = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>

const ADDRESS = /^\/([^/]+\/[^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/
/** A handler for the smart HTTP requests of the repositories under `root`. */
export function createGitHttpHandler(options: GitHttpOptions): GitHttpHandler {
  return async (request, response) => {
    const address = new URL(request.url ?? '/', 'http://localhost')
    const match = ADDRESS.exec(decodeURI(address.pathname))
    const [, repository, action] = match ?? []
    if (repository === undefined || action === undefined) return false

    const phase = action === 'info/refs' ? 'advertise' : 'rpc'
    const service = serviceOf(phase === 'advertise' ? address.searchParams.get('service') : action)
    if (service === null) {
      refuse(response, 403, 'Please upgrade your git client.')
      return true
    }
    const access = await options.authorize({ repository, service, phase, token: tokenOf(request) })
    if (!access.allowed) {
      refuse(response, access.status, access.message)
      return true
    }
    const dir = join(options.root, `${repository}.git`)
    if (await isThere(dir)) await answer({ options, request, response, repository, dir, service, phase, ...access })
    else refuse(response, 404, 'Repository not found.')
    return true
  }
}

function serviceOf(name: string | null): GitService | null {
  return name === 'git-upload-pack' || name === 'git-receive-pack' ? name : null
}

function tokenOf(request: IncomingMessage): string | null {
  const [scheme, value] = (request.headers.authorization ?? '').split(' ')
  if (scheme === undefined || value === undefined) return null
  if (scheme.toLowerCase() !== 'basic') return value
  const [user = '', ...password] = Buffer.from(value, 'base64').toString('utf8').split(':')
  return password.join(':') || user || null
}

function refuse(response: ServerResponse, status: number, message: string): void {
  if (status === 401) response.setHeader('www-authenticate', 'Basic realm="GitHub"')
  response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' })
  response.end(message)
}

interface Exchange {
  options: GitHttpOptions
  request: IncomingMessage
  response: ServerResponse
  repository: string
  dir: string
  service: GitService
  phase: GitRequest['phase']
  user: string
  limits?: PushLimits
}

async function answer({ options, request, response, repository, dir, service, phase, user, limits = {} }: Exchange) {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const sent = await buffer(request)
  const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
  const protocol = String(request.headers['git-protocol'] ?? '')
  const advertises = phase === 'advertise'
  const pushes = service === 'git-receive-pack' && !advertises
  const args = [service.slice('git-'.length), advertises ? '--http-backend-info-refs' : '--stateless-rpc', dir]
  const env = { ...SERVER_GIT_ENV, GIT_PROTOCOL: protocol, ...(pushes ? pushEnvironment(limits) : {}) }
  const { stdout } = await launched('git', args, { cwd: dir, env, input: body, signal: gone.signal })
  if (pushes) {
    const updates = await updatesDone(dir, updatesIn(body))
    if (updates.length > 0) await options.pushed?.({ repository, user, updates })
  }
  const kind = advertises ? 'advertisement' : 'result'
  response.writeHead(200, { 'content-type': `application/x-${service}-${kind}`, 'cache-control': 'no-cache' })
  // Version 2 says what it can, and is not asked for a service first.
  const announced = advertises && !(protocol.includes('version=2') && service === 'git-upload-pack')
  if (announced) response.write(`${packetLine(`# service=${service}\n`)}0000`)
  response.end(stdout)
}

/** https://git-scm.com/docs/protocol-common#_pkt_line_format */
function packetLine(text: string): string {
  return (text.length + 4).toString(16).padStart(4, '0') + text
}

function isThere(dir: string): Promise<boolean> {
  return access(join(dir, 'HEAD')).then(
    () => true,
    () => false,
  )
}

/** Git settings of a server that ignores the machine's own configuration. Filters and any commit may be asked for. */
export const SERVER_GIT_ENV = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_COUNT: '5',
  GIT_CONFIG_KEY_0: 'safe.directory',
  GIT_CONFIG_VALUE_0: '*',
  GIT_CONFIG_KEY_1: 'uploadpack.allowFilter',
  GIT_CONFIG_VALUE_1: 'true',
  GIT_CONFIG_KEY_2: 'uploadpack.allowAnySHA1InWant',
  GIT_CONFIG_VALUE_2: 'true',
  // Nothing here lives long enough to be packed anew, nor outlives the machine.
  GIT_CONFIG_KEY_3: 'receive.autogc',
  GIT_CONFIG_VALUE_3: 'false',
  GIT_CONFIG_KEY_4: 'core.fsync',
  GIT_CONFIG_VALUE_4: 'none',
} as const
