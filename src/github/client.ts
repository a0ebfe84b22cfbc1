import { Probot, ProbotOctokit } from 'probot'
import { SwitchyardError } from '../contract/failure.ts'
import {
  type Block,
  type BlockStore,
  type Breaker,
  breakCircuit,
  createBreaker,
  inMemoryBlocks,
  wasHeldBack,
} from './breaker.ts'
import { createAnswerMemory, readConditionally } from './conditional-reads.ts'
import { ask } from './errors.ts'
import { type Identity, lookUpIdentity } from './identity.ts'
import type { Octokit } from './octokit.ts'
import { createPacing, type Pacing } from './pacing.ts'
import { createWriteLog, type WriteLog } from './writes.ts'

/** How often a request that changes nothing twice is tried again after a server error, besides its first time. */
export const READ_RETRIES = 3
/** Base of the quadratic wait between those tries, in ms. */
export const RETRY_BASE_MS = 1_000
/** Installations whose clients are kept at hand. */
const CLIENTS_MAX = 1_000

type OctokitSettings = NonNullable<ConstructorParameters<typeof ProbotOctokit>[0]>

/** Statuses of an answer that the same request would get again. 409 and 405 are a merge's refusals, 429 is waited out. */
const FINAL_STATUSES = [400, 401, 403, 404, 405, 409, 410, 415, 422, 429, 451]

export interface GitHubOptions {
  appId: number
  privateKey: string
  /** The REST address: `https://api.github.com`, or `https://HOST/api/v3`. GraphQL's is derived from it. */
  apiUrl: string
  pacing: Pacing
  /** Signs and verifies deliveries in `probot.webhooks`. */
  webhookSecret: string
  log: NonNullable<ConstructorParameters<typeof Probot>[0]>['log']
  /** Where all processes see which installation GitHub wants to be left alone by; absent: only this process knows. */
  blocks?: BlockStore
  /** Overrides {@link RETRY_BASE_MS}. */
  retryMs?: number
}

/** The one way to GitHub. */
export interface GitHub {
  probot: Probot
  /** Authenticated as the App itself: `/app` routes, `/repos/{owner}/{repo}/installation`. */
  app: Octokit
  /** One installation's client, with its own throttle key, made once. */
  installation(id: number): Promise<Octokit>
  /** Since when and until when a rate limit keeps the installation from asking; null where none does. */
  blocked(installationId: number): Promise<Block | null>
  /** A client with somebody's token, unthrottled; for revoking it. */
  withToken(token: string): Octokit
  /** Who the App is on this GitHub; asked once. */
  identity(): Promise<Identity>
  writes: WriteLog
  close(): Promise<void>
}

/**
 * Connects to GitHub.
 *
 * Rate limits are not waited out in memory: they are thrown as `rate-limit` with the time, and the effect comes back
 * from the queue; until then nobody of that installation asks (`breaker.ts`). Requests that create (POST) are never repeated by the client: their answer may have got lost after
 * they were done, and only the effect can look.
 *
 * @throws SwitchyardError `config` without a webhook secret
 */
export async function createGitHub(options: GitHubOptions): Promise<GitHub> {
  // Probot would take a well-known default instead.
  if (options.webhookSecret === '') throw new SwitchyardError({ cause: 'config', message: 'The webhook secret is missing' })
  const writes = createWriteLog()
  const pacing = createPacing(options.pacing)
  const baseUrl = options.apiUrl.replace(/\/+$/, '')
  const breaker = createBreaker({ store: options.blocks ?? inMemoryBlocks(), now: Date.now })
  const Client = clientOf({ pacing, writes, breaker, retryMs: options.retryMs ?? RETRY_BASE_MS })
  const probot = new Probot({
    appId: options.appId,
    privateKey: options.privateKey,
    secret: options.webhookSecret,
    baseUrl,
    log: options.log,
    Octokit: Client,
  })
  await probot.ready()
  const app = await probot.auth()
  const clients = new Map<number, Promise<Octokit>>()
  let known: Promise<Identity> | null = null

  const installation = (id: number): Promise<Octokit> => {
    const cached = clients.get(id)
    if (cached !== undefined) return cached
    const oldest = clients.keys().next()
    if (clients.size >= CLIENTS_MAX && oldest.done === false) clients.delete(oldest.value)
    // `context.octokit` would put all installations on one throttle key.
    const client = ask(`connect as installation ${id}`, () => probot.auth(id))
    clients.set(id, client)
    client.catch(() => clients.delete(id))
    return client
  }

  const withToken = (token: string): Octokit =>
    new Client({ auth: { token }, baseUrl, throttle: { enabled: false }, log: app.log })

  return {
    probot,
    app,
    installation,
    blocked: breaker.blocked,
    withToken,
    identity() {
      known ??= lookUpIdentity({ app, installation, anonymous: () => new Client({ auth: {}, baseUrl, log: app.log }) }).catch(
        (error: unknown) => {
          known = null
          throw error
        },
      )
      return known
    },
    writes,
    close: () => pacing.close(),
  }
}

interface ClientParts {
  pacing: ReturnType<typeof createPacing>
  writes: WriteLog
  breaker: Breaker
  retryMs: number
}

function clientOf(parts: ClientParts): typeof ProbotOctokit {
  const giveUp = (): boolean => false
  const memory = createAnswerMemory()
  return ProbotOctokit.plugin((octokit, settings) => {
    octokit.hook.before('request', (request) => {
      if (request.method === 'POST') request.request = { ...request.request, retries: 0 }
    })
    const installationId = installationOf(settings.auth)
    if (installationId !== null) {
      readConditionally(octokit, installationId, memory)
      breakCircuit(octokit, installationId, parts.breaker, Date.now)
    }
    const record = (request: { method: string; url: string; query?: unknown }): void => {
      const route = `${request.method} ${request.url}`
      if (isWrite(route) && !isQuestion(request.query)) parts.writes.record({ installationId, route })
    }
    octokit.hook.after('request', (_answer, request) => record(request))
    octokit.hook.error('request', (error, request) => {
      if (!wasHeldBack(error)) record(request)
      throw error
    })
  }).defaults((given: OctokitSettings) => ({
    ...given,
    retry: { doNotRetry: FINAL_STATUSES, retries: READ_RETRIES, retryAfterBaseValue: parts.retryMs },
    throttle: {
      ...given.throttle,
      write: parts.pacing.write,
      notifications: parts.pacing.notifications,
      onRateLimit: giveUp,
      onSecondaryRateLimit: giveUp,
    },
  }))
}

function installationOf(auth: unknown): number | null {
  if (typeof auth !== 'object' || auth === null || !('installationId' in auth)) return null
  return typeof auth.installationId === 'number' ? auth.installationId : null
}

/** A GraphQL document that asks and changes nothing; a route's own `query` parameter is none. */
function isQuestion(document: unknown): boolean {
  return typeof document === 'string' && /^\s*query\b/.test(document)
}

/** Whether a route changes something on GitHub. Minting and revoking tokens does not. */
function isWrite(route: string): boolean {
  if (route.startsWith('GET ') || route.startsWith('HEAD ')) return false
  return !route.endsWith('/access_tokens') && route !== 'DELETE /installation/token'
}
