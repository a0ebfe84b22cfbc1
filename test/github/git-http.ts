/**
 * Git's smart HTTP protocol in front of a folder of bare repositories, by way of `git http-backend` (CGI).
 * It works under any plain node server. https://git-scm.com/docs/git-http-backend
 */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

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

/** What a push may not do although it may push; the repository's `pre-receive` hook refuses it. */
export interface PushLimits {
  /** No change under `.github/workflows`. */
  workflows?: boolean
  /** Refs that may not be moved. */
  protectedRefs?: string[]
}

export type GitAccess =
  | { allowed: true; user: string; limits?: PushLimits }
  | { allowed: false; status: 401 | 403 | 404 | 503; message: string }

/** One ref that a push moved. `before` or `after` of 40 zeros: created or deleted. */
export interface RefUpdate {
  ref: string
  before: string
  after: string
}

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
const PUSH_RECORD = 'GIT_HTTP_PUSH_RECORD'

/** Put this into a bare repository as `hooks/post-receive` (mode 755) so that `pushed` is told of its pushes. */
export const POST_RECEIVE_HOOK = `#!/bin/sh\n[ -n "$${PUSH_RECORD}" ] && cat > "$${PUSH_RECORD}"\nexit 0\n`

const NO_WORKFLOWS = 'GIT_HTTP_NO_WORKFLOWS'
const PROTECTED = 'GIT_HTTP_PROTECTED'

/** Put this into a bare repository as `hooks/pre-receive` (mode 755) so that the limits of a push hold. */
export const PRE_RECEIVE_HOOK = `#!/bin/sh
while read before after ref; do
  case " $${PROTECTED} " in *" $ref "*)
    echo "error: GH006: Protected branch update failed for $ref."
    exit 1;;
  esac
  [ -n "$${NO_WORKFLOWS}" ] || continue
  case "$after" in *[!0]*) ;; *) continue;; esac
  file=$(git rev-list "$after" --not --all | git diff-tree --stdin -r -m --root --name-only --no-commit-id |
    grep '^\\.github/workflows/' | head -n 1)
  if [ -n "$file" ]; then
    echo "refusing to allow a GitHub App to create or update workflow $file without workflows permission"
    exit 1
  fi
done
exit 0
`

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
    await runBackend({ options, request, response, repository, action, query: address.search.slice(1), ...access })
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

interface Backend {
  options: GitHttpOptions
  request: IncomingMessage
  response: ServerResponse
  repository: string
  action: string
  query: string
  user: string
  limits?: PushLimits
}

async function runBackend({
  options,
  request,
  response,
  repository,
  action,
  query,
  user,
  limits = {},
}: Backend): Promise<void> {
  const record = join(tmpdir(), `git-push-${randomUUID()}`)
  const child = spawn('git', ['http-backend'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: options.root,
      PATH_INFO: `/${repository}.git/${action}`,
      REQUEST_METHOD: request.method,
      QUERY_STRING: query,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      // Without CONTENT_LENGTH the backend reads to the end, which is what a chunked body needs.
      ...(request.headers['content-length'] === undefined ? {} : { CONTENT_LENGTH: request.headers['content-length'] }),
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_ADDR: request.socket.remoteAddress ?? '',
      REMOTE_USER: user,
      GIT_HTTP_EXPORT_ALL: '1',
      [PUSH_RECORD]: record,
      ...(limits.workflows ? { [NO_WORKFLOWS]: '1' } : {}),
      [PROTECTED]: (limits.protectedRefs ?? []).join(' '),
      ...SERVER_GIT_ENV,
    },
  })
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve())
  })
  child.stdin.on('error', () => undefined)
  request.pipe(child.stdin)
  response.on('close', () => {
    if (!response.writableEnded) child.kill()
  })
  try {
    await relay(child.stdout, response)
    await ended
    const updates = await pushedRefs(record)
    if (updates.length > 0) await options.pushed?.({ repository, user, updates })
  } catch (error) {
    if (!response.headersSent) response.writeHead(500)
    response.destroy(error instanceof Error ? error : new Error(String(error)))
    return
  }
  response.end()
}

/** Git settings of a server that ignores the machine's own configuration. Filters and any commit may be asked for. */
export const SERVER_GIT_ENV = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_COUNT: '3',
  GIT_CONFIG_KEY_0: 'safe.directory',
  GIT_CONFIG_VALUE_0: '*',
  GIT_CONFIG_KEY_1: 'uploadpack.allowFilter',
  GIT_CONFIG_VALUE_1: 'true',
  GIT_CONFIG_KEY_2: 'uploadpack.allowAnySHA1InWant',
  GIT_CONFIG_VALUE_2: 'true',
} as const

/** Copies a CGI answer: header lines first, `Status` among them, then the body as it comes. Leaves the end to the caller. */
async function relay(output: NodeJS.ReadableStream, response: ServerResponse): Promise<void> {
  let head = Buffer.alloc(0)
  let inBody = false
  for await (const part of output) {
    const chunk = Buffer.isBuffer(part) ? part : Buffer.from(part)
    if (inBody) {
      await write(response, chunk)
      continue
    }
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) continue
    inBody = true
    writeHead(response, head.subarray(0, end).toString('latin1'))
    if (head.length > end + 4) await write(response, head.subarray(end + 4))
  }
  if (!inBody) response.writeHead(500, { 'content-type': 'text/plain' })
}

function writeHead(response: ServerResponse, lines: string): void {
  let status = 200
  const headers: Record<string, string> = {}
  for (const line of lines.split('\r\n')) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    if (name === 'status') status = Number.parseInt(value, 10)
    else headers[name] = value
  }
  response.writeHead(status, headers)
}

async function write(response: ServerResponse, chunk: Buffer): Promise<void> {
  if (response.write(chunk) || response.destroyed) return
  await new Promise<void>((resolve) => {
    const go = () => {
      response.off('drain', go)
      response.off('close', go)
      resolve()
    }
    response.on('drain', go)
    response.on('close', go)
  })
}

async function pushedRefs(record: string): Promise<RefUpdate[]> {
  const text = await readFile(record, 'utf8').catch(() => '')
  if (text === '') return []
  await rm(record, { force: true })
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [before = '', after = '', ref = ''] = line.split(' ')
      return { ref, before, after }
    })
}
