/** Decides who is told of an event: each App installed on the repository that subscribed to it and may read it. */
import { accountJson } from '../render/accounts.ts'
import { repositoryJson } from '../render/repositories.ts'
import { allows, covers } from '../state/grants.ts'
import type { Account, Actor, App, Installation, Repository } from '../state/model.ts'
import { nodeId } from '../state/model.ts'
import type { World } from '../state/world.ts'
import { checkWebhook } from './validate.ts'

/** The permission (read) that an event asks for; any of several. */
const NEEDED: Record<string, string[]> = {
  issues: ['issues'],
  issue_comment: ['issues', 'pull_requests'],
  label: ['issues', 'pull_requests', 'metadata'],
  pull_request: ['pull_requests'],
  pull_request_review: ['pull_requests'],
  pull_request_review_comment: ['pull_requests'],
  pull_request_review_thread: ['pull_requests'],
  merge_group: ['merge_queues'],
  push: ['contents'],
  create: ['contents'],
  delete: ['contents'],
  check_run: ['checks'],
  check_suite: ['checks'],
  status: ['statuses'],
  deployment: ['deployments'],
  deployment_status: ['deployments'],
  workflow_run: ['actions'],
  workflow_job: ['actions'],
  repository: ['metadata'],
  member: ['members', 'metadata'],
}

/** Apps that may write checks get these without subscribing. */
const AUTOMATIC = new Set(['check_run', 'check_suite'])

export interface EmitOptions {
  /** Only this App is told: `rerequested` and `requested_action` go to the check's own. */
  only?: App
  /** What to use for `repository` where the event has its own shape of it. */
  repository?: Record<string, unknown>
}

/** Tells everybody concerned. The payload is written out now, so later changes do not show in it. */
export function emit(
  world: World,
  repository: Repository,
  event: string,
  action: string | null,
  actor: Actor,
  payload: Record<string, unknown>,
  options: EmitOptions = {},
): void {
  for (const installation of world.installations.values()) {
    const { app } = installation
    if (options.only !== undefined && options.only !== app) continue
    if (!covers(installation, repository) || installation.suspendedAt !== null) continue
    if (!subscribed(installation, event)) continue
    const body = {
      ...(action === null ? {} : { action }),
      ...payload,
      repository: options.repository ?? repositoryJson(world, repository),
      ...(repository.owner.type === 'Organization' ? { organization: organizationJson(world, repository.owner) } : {}),
      sender: accountJson(world, actor.user),
    }
    post(world, app, installation, event, action, body, repository.id)
  }
}

/** Events about an App itself, sent whether it subscribed or not. */
export function emitToApp(
  world: World,
  app: App,
  installation: Installation | null,
  event: string,
  action: string | null,
  payload: Record<string, unknown>,
  actor?: Actor,
): void {
  const body = {
    ...(action === null ? {} : { action }),
    ...payload,
    ...(actor === undefined ? {} : { sender: accountJson(world, actor.user) }),
  }
  post(world, app, installation, event, action, body, null)
}

function post(
  world: World,
  app: App,
  installation: Installation | null,
  event: string,
  action: string | null,
  body: Record<string, unknown>,
  repositoryId: number | null,
): void {
  if (app.hook === null) return
  const short =
    installation === null || 'installation' in body
      ? {}
      : { installation: { id: installation.id, node_id: nodeId('I', installation.id) } }
  const full = { ...body, ...short }
  checkWebhook(world, event, action, full)
  world.deliver({ app, event, action, installation, repositoryId, payload: JSON.stringify(full) })
}

function subscribed(installation: Installation, event: string): boolean {
  if (AUTOMATIC.has(event) && allows(installation.permissions, 'checks', 'write')) return true
  if (!installation.events.includes(event)) return false
  return (NEEDED[event] ?? ['metadata']).some((permission) => allows(installation.permissions, permission, 'read'))
}

/** An organisation as webhooks show it. */
export function organizationJson(world: World, { login, id }: Account) {
  const url = `${world.apiUrl}/orgs/${login}`
  return {
    login,
    id,
    node_id: nodeId('O', id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${world.url}/avatars/${id}`,
    description: null,
  }
}
