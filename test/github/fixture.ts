/** What the local GitHub's own tests start from: an organisation, a person, a repository, an App and its webhook's end. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { App, Octokit } from 'octokit'
import { type CreatedApp, type LocalGitHub, type LocalGitHubOptions, startLocalGitHub } from './local-github.ts'
import type { Permissions } from './state/model.ts'
import type { NewRepository } from './state/repositories.ts'

export interface Received {
  id: string
  event: string
  action: string | undefined
  headers: Record<string, string>
  body: string
  payload: Record<string, unknown>
}

export interface Recorder {
  url: string
  received: Received[]
  /** What is answered from now on. */
  answer(status: number): void
  stop(): Promise<void>
}

export async function startRecorder(): Promise<Recorder> {
  const received: Received[] = []
  let status = 202
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part) => parts.push(part))
    request.on('end', () => {
      const body = Buffer.concat(parts).toString('utf8')
      const payload = JSON.parse(body) as Record<string, unknown>
      const headers = request.headers as Record<string, string>
      const action = payload.action as string | undefined
      received.push({
        id: String(headers['x-github-delivery']),
        event: String(headers['x-github-event']),
        action,
        headers,
        body,
        payload,
      })
      response.writeHead(status).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    received,
    answer: (next) => {
      status = next
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export const SECRET = 'a webhook secret'

export const PERMISSIONS: Permissions = {
  actions: 'write',
  administration: 'read',
  checks: 'write',
  contents: 'write',
  deployments: 'write',
  members: 'read',
  issues: 'write',
  pull_requests: 'write',
  statuses: 'write',
}

export const EVENTS = [
  'check_run',
  'check_suite',
  'create',
  'delete',
  'deployment',
  'deployment_status',
  'issue_comment',
  'issues',
  'pull_request',
  'pull_request_review',
  'pull_request_review_comment',
  'push',
  'status',
]

export interface Fixture {
  github: LocalGitHub
  recorder: Recorder
  app: CreatedApp
  installationId: number
  /** An octokit as the App itself. */
  asApp: Octokit
  /** An octokit of the installation, without its own retries and pacing. */
  octokit: Octokit
  token(): Promise<string>
  stop(): Promise<void>
}

export interface FixtureOptions extends LocalGitHubOptions {
  permissions?: Permissions
  repository?: Partial<NewRepository>
}

/** `acme/shop` of the organisation acme, where ana may write, bo may triage and eve may only read. */
export async function startFixture(options: FixtureOptions = {}): Promise<Fixture> {
  const github = await startLocalGitHub({ validate: 'collect', ci: false, ...options })
  const recorder = await startRecorder()
  github.createOrganization('acme')
  for (const login of ['ana', 'bo', 'eve']) github.createUser(login)
  await github.createRepository({
    owner: 'acme',
    name: 'shop',
    private: true,
    collaborators: { ana: 'write', bo: 'triage', eve: 'read' },
    files: { 'README.md': '# Shop\n', 'src/sum.mjs': 'export const sum = (a, b) => a + b\n' },
    ...options.repository,
  })
  const permissions = options.permissions ?? PERMISSIONS
  const app = github.createApp({
    name: 'Yard Test',
    webhookUrl: recorder.url,
    webhookSecret: SECRET,
    permissions,
    events: EVENTS,
  })
  const { installationId } = github.install(app.appId, { account: 'acme', repositories: 'all' })
  const quiet = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined }
  const octokitApp = new App({
    appId: app.appId,
    privateKey: app.privateKey,
    Octokit: Octokit.defaults({ baseUrl: github.apiUrl, throttle: { enabled: false }, retry: { enabled: false }, log: quiet }),
  })
  const octokit = await octokitApp.getInstallationOctokit(installationId)
  return {
    github,
    recorder,
    app,
    installationId,
    asApp: octokitApp.octokit,
    octokit,
    token: async () => ((await octokit.auth({ type: 'installation' })) as { token: string }).token,
    stop: async () => {
      await github.stop()
      await recorder.stop()
    },
  }
}

export const AT = { owner: 'acme', repo: 'shop' } as const
