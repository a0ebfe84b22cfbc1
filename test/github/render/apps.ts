import { type App, type Installation, nodeId, type Repository, type Token } from '../state/model.ts'
import type { World } from '../state/world.ts'
import { accountJson } from './accounts.ts'
import { repositoryJson } from './repositories.ts'

/** GitHub's `integration`: an App as it shows on check runs and comments. */
export function appJson(world: World, app: App) {
  return {
    id: app.id,
    slug: app.slug,
    node_id: nodeId('A', app.id),
    client_id: app.clientId,
    owner: accountJson(world, app.owner),
    name: app.name,
    description: null,
    external_url: `${world.url}/apps/${app.slug}`,
    html_url: `${world.url}/apps/${app.slug}`,
    created_at: app.createdAt,
    updated_at: app.createdAt,
    permissions: app.permissions,
    events: app.events,
  }
}

export function installationJson(world: World, installation: Installation) {
  const { app, account, id } = installation
  return {
    id,
    account: accountJson(world, account),
    repository_selection: installation.selection,
    access_tokens_url: `${world.apiUrl}/app/installations/${id}/access_tokens`,
    repositories_url: `${world.apiUrl}/installation/repositories`,
    html_url: `${world.url}/settings/installations/${id}`,
    app_id: app.id,
    app_slug: app.slug,
    target_id: account.id,
    target_type: account.type,
    permissions: installation.permissions,
    events: installation.events,
    created_at: installation.createdAt,
    updated_at: installation.createdAt,
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: null,
    suspended_at: installation.suspendedAt,
  }
}

export function tokenJson(world: World, token: Token, repositories: Repository[]) {
  return {
    token: token.value,
    expires_at: new Date(token.expiresAt).toISOString().replace(/\.\d+Z$/, 'Z'),
    permissions: token.permissions,
    repository_selection: token.repositories === null ? 'all' : 'selected',
    ...(token.repositories === null ? {} : { repositories: repositories.map((one) => repositoryJson(world, one)) }),
  }
}
