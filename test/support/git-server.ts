/** A git server for tests: a folder of bare repositories over smart HTTP, one accepted token, a log of what was asked. */
import { createServer } from 'node:http'
import { createGitHttpHandler, type GitRequest, type RefUpdate } from '../github/git-http.ts'

export interface GitServerOptions {
  /** The folder with `owner/name.git` in it. */
  repos: string
  /** The one accepted token, for Basic authentication as `x-access-token`. */
  token?: string
  /** Whether a token is accepted, instead of the one. */
  accepts?: (token: string) => boolean
  /** A say over each request with the right token: a reason refuses it with 403. */
  deny?: (request: GitRequest) => string | null
  pushed?: (push: { repository: string; updates: RefUpdate[] }) => void | Promise<void>
  /** 0, the default, takes a free one. */
  port?: number
}

export interface GitServerRequest extends GitRequest {
  /** What was answered: 200 also stands for whatever git itself answered after access was granted. */
  status: number
}

export interface GitServer {
  /** Without a slash at the end: a repository is at `${url}/owner/name.git`. */
  url: string
  token: string
  requests: GitServerRequest[]
  stop(): Promise<void>
}

export const TEST_TOKEN = 'ghs_testtoken'

/** Starts a server on loopback. Requests without a token are answered 401, with a wrong one 401, denied ones 403. */
export async function startGitServer(options: GitServerOptions): Promise<GitServer> {
  const token = options.token ?? TEST_TOKEN
  const requests: GitServerRequest[] = []
  const accepts = options.accepts ?? ((given: string) => given === token)
  const handle = createGitHttpHandler({
    root: options.repos,
    authorize: (request) => {
      const known = request.token !== null && request.token !== undefined && accepts(request.token)
      const reason = known ? (options.deny?.(request) ?? null) : 'Bad credentials'
      const status = !known ? 401 : reason === null ? 200 : 403
      requests.push({ ...request, status })
      if (status === 200) return { allowed: true, user: 'x-access-token' }
      return { allowed: false, status, message: reason ?? '' }
    },
    ...(options.pushed ? { pushed: options.pushed } : {}),
  })
  const server = createServer((request, response) => {
    handle(request, response).then(
      (answered) => {
        if (!answered) response.writeHead(404).end()
      },
      () => response.destroy(),
    )
  })
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the git server has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    token,
    requests,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
