/** Apps, their installations and tokens. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { ApiError, invalid } from '../api-error.ts'
import { installationJson } from '../render/apps.ts'
import { emitToApp } from '../webhooks/emit.ts'
import { pingPayload } from '../webhooks/payloads.ts'
import { allows, covers } from './grants.ts'
import { type App, fullName, type Installation, type Permissions, type Repository, type Token } from './model.ts'
import { account, addAccount, timestamp, type World } from './world.ts'

const TOKEN_LIFETIME_MS = 60 * 60 * 1_000
const TOKEN_LENGTH = 520
const KEY_BITS = 2_048

export interface NewApp {
  name: string
  slug?: string
  owner?: string
  webhookUrl?: string
  webhookSecret?: string
  permissions: Permissions
  events: string[]
  /** Made when not given. */
  keys?: { privateKey: string; publicKey: string }
}

export function createApp(world: World, input: NewApp): App {
  const slug = input.slug ?? input.name.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  const ownerLogin = input.owner ?? 'app-owner'
  const app: App = {
    id: world.nextId(),
    slug,
    name: input.name,
    clientId: `Iv23li${randomBytes(7).toString('hex')}`,
    owner: world.accounts.get(ownerLogin.toLowerCase()) ?? addAccount(world, ownerLogin, 'User'),
    bot: addAccount(world, `${slug}[bot]`, 'Bot'),
    ...(input.keys ?? someKeys()),
    hook: null,
    permissions: { metadata: 'read', ...input.permissions },
    events: input.events,
    createdAt: timestamp(world),
  }
  world.apps.set(app.id, app)
  if (input.webhookUrl !== undefined) setWebhook(world, app, input.webhookUrl, input.webhookSecret ?? '')
  return app
}

interface Keys {
  privateKey: string
  publicKey: string
}

/** A key of its own is nothing that a local App needs: making one takes a tenth of a second of work each time. */
const shared: { keys?: Keys } = {}

function someKeys(): Keys {
  shared.keys ??= makeKeys()
  return shared.keys
}

export function makeKeys(): Keys {
  return generateKeyPairSync('rsa', {
    modulusLength: KEY_BITS,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
}

/** Where an App's events go from now on. GitHub pings a new hook. */
export function setWebhook(world: World, app: App, url: string, secret: string): void {
  app.hook = { id: app.hook?.id ?? world.nextId(), url, secret }
  emitToApp(world, app, null, 'ping', null, pingPayload(world, app, app.hook))
}

export function install(
  world: World,
  app: App,
  input: { account: string; repositories: 'all' | string[]; permissions?: Permissions },
): Installation {
  const target = account(world, input.account)
  const installation: Installation = {
    id: world.nextId(),
    app,
    account: target,
    selection: input.repositories === 'all' ? 'all' : 'selected',
    repositories: new Set(),
    permissions: { metadata: 'read', ...(input.permissions ?? app.permissions) },
    events: app.events,
    createdAt: timestamp(world),
    suspendedAt: null,
    deleted: false,
  }
  if (input.repositories !== 'all') {
    for (const repository of ownedBy(world, target.login)) {
      if (input.repositories.some((name) => name === repository.name || name === fullName(repository))) {
        installation.repositories.add(repository.id)
      }
    }
  }
  world.installations.set(installation.id, installation)
  emitInstallation(world, installation, 'created')
  return installation
}

export function uninstall(world: World, installation: Installation): void {
  emitInstallation(world, installation, 'deleted')
  installation.deleted = true
}

export function setSuspended(world: World, installation: Installation, suspended: boolean): void {
  installation.suspendedAt = suspended ? timestamp(world) : null
  emitInstallation(world, installation, suspended ? 'suspend' : 'unsuspend')
}

export function changeRepositories(world: World, installation: Installation, add: Repository[], remove: Repository[]): void {
  for (const repository of add) installation.repositories.add(repository.id)
  for (const repository of remove) installation.repositories.delete(repository.id)
  const sender = { user: installation.account, app: null }
  const emit = (action: 'added' | 'removed', added: Repository[], removed: Repository[]) =>
    emitToApp(
      world,
      installation.app,
      installation,
      'installation_repositories',
      action,
      {
        installation: installationJson(world, installation),
        repository_selection: installation.selection,
        repositories_added: added.map(shortRepository),
        repositories_removed: removed.map(shortRepository),
        requester: null,
      },
      sender,
    )
  if (add.length > 0) emit('added', add, [])
  if (remove.length > 0) emit('removed', [], remove)
}

function emitInstallation(
  world: World,
  installation: Installation,
  action: 'created' | 'deleted' | 'suspend' | 'unsuspend',
): void {
  emitToApp(
    world,
    installation.app,
    installation,
    'installation',
    action,
    {
      installation: installationJson(world, installation),
      repositories: installedRepositories(world, installation).map(shortRepository),
      ...(action === 'created' ? { requester: null } : {}),
    },
    { user: installation.account, app: null },
  )
}

export function shortRepository(repository: Repository) {
  return {
    id: repository.id,
    node_id: `R_${repository.id}`,
    name: repository.name,
    full_name: fullName(repository),
    private: repository.private,
  }
}

function ownedBy(world: World, login: string): Repository[] {
  return [...world.repositories.values()].filter((repository) => repository.owner.login === login)
}

export function installedRepositories(world: World, installation: Installation): Repository[] {
  return ownedBy(world, installation.account.login).filter((repository) => covers(installation, repository))
}

export interface TokenRequest {
  repositories?: string[]
  repositoryIds?: number[]
  permissions?: Permissions
}

/** A token for a subset of what was granted. 422 when asked for more, as GitHub does. */
export function createToken(world: World, installation: Installation, request: TokenRequest): Token {
  if (installation.suspendedAt !== null) throw new ApiError(403, 'This installation has been suspended')
  const granted = installedRepositories(world, installation)
  for (const [name, level] of Object.entries(request.permissions ?? {})) {
    if (!allows(installation.permissions, name, level)) {
      throw new ApiError(422, `The permissions requested are not granted to this installation.`)
    }
  }
  let repositories: Set<number> | null = installation.selection === 'all' ? null : installation.repositories
  if (request.repositories !== undefined || request.repositoryIds !== undefined) {
    const asked = [
      ...(request.repositories ?? []).map((name) => granted.find((one) => one.name.toLowerCase() === name.toLowerCase())),
      ...(request.repositoryIds ?? []).map((id) => granted.find((one) => one.id === id)),
    ]
    if (asked.length === 0) throw invalid('InstallationToken', 'repositories')
    repositories = new Set()
    for (const repository of asked) {
      if (!repository) {
        throw new ApiError(
          422,
          'There is at least one repository that does not exist or is not accessible to the parent installation.',
        )
      }
      repositories.add(repository.id)
    }
  }
  const token: Token = {
    value: tokenValue(installation.app.id),
    installation,
    repositories,
    permissions: request.permissions ? { metadata: 'read', ...request.permissions } : installation.permissions,
    expiresAt: world.now().getTime() + TOKEN_LIFETIME_MS,
  }
  world.tokens.set(token.value, token)
  return token
}

/** `ghs_<app id>_<JWT>`: the long form. The parts after the id are random here and mean nothing. */
function tokenValue(appId: number): string {
  const head = `ghs_${appId}_`
  const header = Buffer.from(JSON.stringify({ alg: 'ES256', typ: 'JWT' })).toString('base64url')
  const signature = randomBytes(64).toString('base64url')
  const payload = randomBytes(TOKEN_LENGTH).toString('base64url')
  return `${head}${header}.${payload.slice(0, TOKEN_LENGTH - head.length - header.length - signature.length - 2)}.${signature}`
}
