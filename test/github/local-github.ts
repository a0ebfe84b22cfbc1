/**
 * A GitHub on loopback that stands in for github.com and its API for GitHub Apps: the demo and the end-to-end tests
 * run on it. What it knows is in memory, commits are in bare repositories on disk; both end with it.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { createActivity } from './activity.ts'
import { type Ci, createCi } from './ci/create-ci.ts'
import { createInspect, type Inspect } from './client/inspect.ts'
import { createPerson, type Person } from './client/person.ts'
import { createFaults, type Faults } from './faults.ts'
import { authorizeGit, pushedBy } from './git-access.ts'
import { createGitHttpHandler } from './git-http.ts'
import { createResponseValidator } from './openapi/validate.ts'
import { renderPage } from './pages.ts'
import { routes } from './rest/routes.ts'
import { createApi } from './rest/server.ts'
import { changeRepositories, createApp, install, type NewApp, setSuspended, setWebhook, uninstall } from './state/apps.ts'
import type { App, Installation, Permissions, Repository } from './state/model.ts'
import { fullName } from './state/model.ts'
import { refsMoved } from './state/pushes.ts'
import { changeDefaultBranch, renameRepository, transferRepository } from './state/rename.ts'
import { createRepository, type NewRepository } from './state/repositories.ts'
import { createSettler } from './state/settle.ts'
import { createTeam, type NewTeam } from './state/teams.ts'
import { account, addAccount, findRepository, type World } from './state/world.ts'
import { createDeliverer } from './webhooks/deliver.ts'
import { createWebhookValidator } from './webhooks/validate.ts'

const FIRST_ID = 1_001

export interface LocalGitHubOptions {
  /** 0, the default, takes a free one. */
  port?: number
  /** Kept if given; else a temporary folder that goes with `stop`. */
  dataDir?: string
  log?: (message: string, fields?: Record<string, unknown>) => void
  /** Run each repository's CI on push; true by default. */
  ci?: boolean
  now?: () => Date
  /** Hold answers and webhooks against GitHub's descriptions: `collect` notes down what breaks them, `throw` answers 500. */
  validate?: 'off' | 'collect' | 'throw'
}

export interface CreatedApp {
  appId: number
  slug: string
  privateKey: string
  clientId: string
  botLogin: string
  botId: number
}

export interface LocalGitHub {
  /** What GITHUB_SERVER_URL is to be. */
  url: string
  /** What GITHUB_API_URL is to be; GraphQL is at `${url}/api/graphql`, where octokit looks for it. */
  apiUrl: string
  createApp(input: NewApp): CreatedApp
  setWebhook(appId: number, url: string, secret: string): void
  install(
    appId: number,
    input: { account: string; repositories: 'all' | string[]; permissions?: Permissions },
  ): { installationId: number }
  suspend(installationId: number, suspended?: boolean): void
  uninstall(installationId: number): void
  /** Adds or takes away repositories of an installation on selected ones, by full name. */
  changeRepositories(installationId: number, change: { add?: string[]; remove?: string[] }): void
  createUser(login: string): { id: number; login: string }
  /** Has a person show an e-mail address on their profile. */
  showEmail(login: string, email: string): void
  createOrganization(login: string): { id: number; login: string }
  createTeam(input: NewTeam): void
  createRepository(input: NewRepository): Promise<{ id: number; fullName: string }>
  /** Gives a repository another name. */
  renameRepository(repository: string, name: string): Promise<void>
  /** Gives a repository to another account. */
  transferRepository(repository: string, owner: string): Promise<void>
  /** Makes another branch, which there must be, the default one. */
  changeDefaultBranch(repository: string, branch: string): Promise<void>
  as(login: string): Person
  inspect(): Inspect
  faults: Faults
  /** Resolves when no delivery and no CI job is under way. What an App does about them afterwards is not waited for. */
  idle(): Promise<void>
  stop(): Promise<void>
}

export async function startLocalGitHub(options: LocalGitHubOptions = {}): Promise<LocalGitHub> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'local-github-')))
  await mkdir(join(dataDir, 'repositories'), { recursive: true })
  const world = createWorld(dataDir, options)
  const deliverer = createDeliverer(world)
  world.deliver = deliverer.send
  world.redeliver = deliverer.redeliver
  const ci = options.ci === false ? null : startCi(world)
  world.settle = createSettler(world)

  const handle = createHandler(world)
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      world.log('request failed', { error: String(error) })
      response.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the local GitHub has no port')
  world.url = `http://127.0.0.1:${address.port}`
  world.apiUrl = `${world.url}/api/v3`

  return {
    url: world.url,
    apiUrl: world.apiUrl,
    createApp: (input) => {
      const app = createApp(world, input)
      const { id, slug, privateKey, clientId, bot } = app
      return { appId: id, slug, privateKey, clientId, botLogin: bot.login, botId: bot.id }
    },
    setWebhook: (appId, url, secret) => setWebhook(world, appOf(world, appId), url, secret),
    install: (appId, input) => ({ installationId: install(world, appOf(world, appId), input).id }),
    suspend: (id, suspended = true) => setSuspended(world, installationOf(world, id), suspended),
    uninstall: (id) => uninstall(world, installationOf(world, id)),
    changeRepositories: (id, { add = [], remove = [] }) =>
      changeRepositories(world, installationOf(world, id), repositoriesOf(world, add), repositoriesOf(world, remove)),
    createUser: (login) => addAccount(world, login, 'User'),
    showEmail: (login, email) => {
      account(world, login).email = email
    },
    createOrganization: (login) => addAccount(world, login, 'Organization'),
    createTeam: (input) => {
      createTeam(world, input)
    },
    createRepository: async (input) => {
      const repository = await createRepository(world, input)
      return { id: repository.id, fullName: fullName(repository) }
    },
    renameRepository: (full, name) => renameRepository(world, repositoryOf(world, full), name),
    transferRepository: (full, owner) => transferRepository(world, repositoryOf(world, full), owner),
    changeDefaultBranch: (full, branch) => changeDefaultBranch(world, repositoryOf(world, full), branch),
    as: (login) => createPerson(world, account(world, login)),
    inspect: () => createInspect(world),
    faults: world.faults,
    idle: () => world.activity.idle(),
    stop: async () => {
      deliverer.stop()
      await ci?.stop()
      await world.activity.idle()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

function createWorld(dataDir: string, options: LocalGitHubOptions): World {
  const now = options.now ?? (() => new Date())
  let lastId = FIRST_ID
  const unset = () => {
    throw new Error('the local GitHub has not started')
  }
  return {
    url: '',
    apiUrl: '',
    dataDir,
    now,
    nextId: () => lastId++,
    accounts: new Map(),
    apps: new Map(),
    installations: new Map(),
    tokens: new Map(),
    repositories: new Map(),
    formerNames: new Map(),
    teams: new Map(),
    deliveries: [],
    requests: [],
    gitRequests: [],
    violations: [],
    validate: options.validate ?? 'off',
    validators: (options.validate ?? 'off') === 'off' ? null : createValidators(),
    faults: createFaults(now, new Set(routes.map((route) => route.path))),
    activity: createActivity(),
    deliver: unset,
    redeliver: unset,
    runCi: () => undefined,
    rerunCi: () => false,
    settle: () => undefined,
    log: options.log ?? (() => undefined),
  }
}

function createValidators(): World['validators'] {
  return { response: createResponseValidator().validateResponse, webhook: createWebhookValidator().validateWebhook }
}

function startCi(world: World): Ci {
  const app = createApp(world, {
    name: 'GitHub Actions',
    slug: 'github-actions',
    owner: 'github',
    permissions: { checks: 'write', contents: 'read' },
    events: [],
    keys: { privateKey: '', publicKey: '' },
  })
  const ci = createCi(world, app)
  world.runCi = ci.push
  world.rerunCi = ci.rerun
  return ci
}

/** Git first, then the API, then pages. */
function createHandler(world: World): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const handleGit = createGitHttpHandler({
    root: join(world.dataDir, 'repositories'),
    authorize: (request) => authorizeGit(world, request),
    pushed: ({ repository, user, updates }) => {
      const found = findRepository(world, repository)
      return found ? world.activity.track(refsMoved(world, found, updates, pushedBy(world, user))) : undefined
    },
  })
  const api = createApi(world)

  return async (request, response) => {
    if (await handleGit(request, response)) return
    const listener = getRequestListener(
      async (asked) => {
        const answer = await api(asked)
        if (answer === 'hang-up') {
          response.destroy()
          return new Response(null)
        }
        return answer ?? renderPage(world, new URL(asked.url).pathname) ?? new Response('Not Found', { status: 404 })
      },
      { overrideGlobalObjects: false },
    )
    await listener(request, response)
  }
}

function repositoriesOf(world: World, names: string[]): Repository[] {
  return names.map((name) => repositoryOf(world, name))
}

function repositoryOf(world: World, name: string): Repository {
  const repository = findRepository(world, name)
  if (!repository) throw new Error(`there is no repository ${name}`)
  return repository
}

function appOf(world: World, id: number): App {
  const app = world.apps.get(id)
  if (!app) throw new Error(`no app ${id}`)
  return app
}

function installationOf(world: World, id: number): Installation {
  const installation = world.installations.get(id)
  if (!installation) throw new Error(`no installation ${id}`)
  return installation
}
