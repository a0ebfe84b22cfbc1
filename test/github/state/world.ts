/** Everything one local GitHub holds, and what its parts share. */
import type { Activity } from '../activity.ts'
import type { Faults } from '../faults.ts'
import type { Delivery, NewDelivery } from '../webhooks/deliver.ts'
import type { Account, App, CheckRun, Installation, Repository, Token } from './model.ts'
import type { Team } from './teams.ts'

/** One request to the REST or GraphQL API, as answered. */
export interface RequestRecord {
  at: string
  method: string
  /** Path and query as asked, after the API's base. */
  path: string
  /** The operation's template, such as `/repos/{owner}/{repo}/issues`; null when none matched. */
  route: string | null
  status: number
  app: string | null
  installation: number | null
  /** A write that GitHub would pace: anything but GET and HEAD and asking for tokens. */
  write: boolean
  milliseconds: number
  body: unknown
}

/** One request of a git client, as answered. */
export interface GitRecord {
  at: string
  repository: string
  service: string
  phase: string
  status: number
  user: string | null
}

/** An answer or a webhook that breaks GitHub's published description. */
export interface Violation {
  what: string
  errors: string[]
}

export interface World {
  url: string
  apiUrl: string
  /** Folder with `repositories/owner/name.git`. */
  dataDir: string
  now(): Date
  nextId(): number
  accounts: Map<string, Account>
  apps: Map<number, App>
  installations: Map<number, Installation>
  tokens: Map<string, Token>
  repositories: Map<string, Repository>
  /** Former names of repositories, in lower case: GitHub leads from them to the present one. */
  formerNames: Map<string, Repository>
  /** By `organisation/slug`, in lower case. */
  teams: Map<string, Team>
  deliveries: Delivery[]
  requests: RequestRecord[]
  gitRequests: GitRecord[]
  violations: Violation[]
  validate: 'off' | 'collect' | 'throw'
  /** Null without validation: the schemas are large. */
  validators: {
    response(method: string, route: string, status: number, body: unknown): string[]
    webhook(event: string, action: string | null, payload: unknown): string[]
  } | null
  faults: Faults
  activity: Activity
  /** Called for each branch that came to a new commit. */
  runCi(repository: Repository, branch: string, sha: string): void
  /** Runs the CI job behind a check run again; false for a check of another App. */
  rerunCi(repository: Repository, run: CheckRun): boolean
  /** Called when rules of a branch may be met now: what merges by itself is looked at. */
  settle(repository: Repository): void
  /** Sends a webhook. */
  deliver(delivery: NewDelivery): void
  redeliver(delivery: Delivery): void
  log(message: string, fields?: Record<string, unknown>): void
}

export function timestamp(world: World): string {
  return world
    .now()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
}

/** Also by a former name, as git and pages are served; the API redirects before it looks. */
export function findRepository(world: World, name: string): Repository | null {
  return world.repositories.get(name.toLowerCase()) ?? world.formerNames.get(name.toLowerCase()) ?? null
}

export function account(world: World, login: string): Account {
  const found = world.accounts.get(login.toLowerCase())
  if (!found) throw new Error(`no account ${login}`)
  return found
}

export function addAccount(world: World, login: string, type: Account['type']): Account {
  if (world.accounts.has(login.toLowerCase())) throw new Error(`${login} is taken`)
  const made: Account = { id: world.nextId(), login, type, createdAt: timestamp(world) }
  world.accounts.set(login.toLowerCase(), made)
  return made
}
