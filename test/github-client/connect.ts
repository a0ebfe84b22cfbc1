import { pino } from 'pino'
import { createGitHub, type GitHub } from '../../src/github/client.ts'
import type { Octokit, Repository } from '../../src/github/octokit.ts'
import { type CreatedApp, type LocalGitHub, type LocalGitHubOptions, startLocalGitHub } from '../github/local-github.ts'

/** The repository of these tests. */
export const API = 'acme/api'
export const REPOSITORY: Repository = { owner: 'acme', repo: 'api' }
export const SECRET = 'a secret for this test'

const PERMISSIONS = {
  contents: 'write',
  issues: 'write',
  pull_requests: 'write',
  checks: 'write',
  statuses: 'read',
  actions: 'write',
  deployments: 'write',
  members: 'read',
} as const

export interface Connected {
  local: LocalGitHub
  app: CreatedApp
  installationId: number
  github: GitHub
  octokit: Octokit
  /** Another App on the same repositories, as a CI of somebody else. */
  other: { octokit: Octokit; appId: number }
  stop(): Promise<void>
}

/** The local GitHub with a repository, people of every role, our App and another one, and clients for both, unpaced. */
export async function connect(options: LocalGitHubOptions = {}): Promise<Connected> {
  const local = await startLocalGitHub({ ci: false, ...options })
  local.createOrganization('acme')
  for (const login of ['ann', 'mia', 'wes', 'tia', 'rex', 'eve']) local.createUser(login)
  await local.createRepository({
    owner: 'acme',
    name: 'api',
    private: true,
    collaborators: { ann: 'admin', mia: 'maintain', wes: 'write', tia: 'triage', rex: 'read' },
    files: { 'README.md': '# API\n', 'src/sum.js': 'export const sum = (a, b) => a + b\n' },
    ci: [],
  })
  const ours = await register(local, 'Switchyard', PERMISSIONS)
  const theirs = await register(local, 'Other CI', { ...PERMISSIONS, statuses: 'write' })
  return {
    local,
    app: ours.app,
    installationId: ours.installationId,
    github: ours.github,
    octokit: ours.octokit,
    other: { octokit: theirs.octokit, appId: theirs.app.appId },
    async stop() {
      await Promise.all([ours.github.close(), theirs.github.close()])
      await local.stop()
    },
  }
}

/** Registers an App, installs it on everything of `acme`, and connects as it. */
export async function register(local: LocalGitHub, name: string, permissions: Record<string, 'read' | 'write'>) {
  const app = local.createApp({ name, permissions, events: [] })
  const { installationId } = local.install(app.appId, { account: 'acme', repositories: 'all' })
  const github = await createGitHub({
    appId: app.appId,
    privateKey: app.privateKey,
    apiUrl: local.apiUrl,
    pacing: { writeMs: 0, commentMs: 0 },
    webhookSecret: SECRET,
    log: pino({ level: 'silent' }),
    retryMs: 1,
  })
  return { app, installationId, github, octokit: await github.installation(installationId) }
}
