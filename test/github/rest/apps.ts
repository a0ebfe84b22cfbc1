import { ApiError, notFound } from '../api-error.ts'
import { appJson, installationJson, tokenJson } from '../render/apps.ts'
import { repositoryJson } from '../render/repositories.ts'
import { createToken, installedRepositories } from '../state/apps.ts'
import { covers } from '../state/grants.ts'
import type { App, Installation, Permissions, Token } from '../state/model.ts'
import { findRepository, type World } from '../state/world.ts'
import type { Delivery } from '../webhooks/deliver.ts'
import { integer, optionalList, optionalObject, optionalTexts } from './input.ts'
import { page } from './paging.ts'
import { appRoute, installationRoute, noContent, ok, type Route } from './registry.ts'

/** https://docs.github.com/rest/apps */
export const appRoutes: Route[] = [
  appRoute('GET', '/app', ({ world, app }) =>
    ok({ ...appJson(world, app), installations_count: installationsOf(world, app).length }),
  ),
  appRoute('GET', '/app/installations', (call) =>
    page(call, installationsOf(call.world, call.app), (one) => installationJson(call.world, one)),
  ),
  appRoute('GET', '/app/installations/{installation_id}', ({ world, app, params }) =>
    ok(installationJson(world, findInstallation(world, app, params.installation_id))),
  ),
  appRoute('POST', '/app/installations/{installation_id}/access_tokens', ({ world, app, params, body }) => {
    const installation = findInstallation(world, app, params.installation_id)
    const names = optionalTexts(body, 'repositories')
    const ids = optionalList(body, 'repository_ids')?.map(Number)
    const permissions = optionalObject(body, 'permissions')
    const token = createToken(world, installation, {
      ...(names ? { repositories: names } : {}),
      ...(ids ? { repositoryIds: ids } : {}),
      ...(permissions ? { permissions: permissions as Permissions } : {}),
    })
    return ok(tokenJson(world, token, visible(world, installation, token)), 201)
  }),
  appRoute('GET', '/repos/{owner}/{repo}/installation', ({ world, app, params }) => {
    const repository = findRepository(world, `${params.owner}/${params.repo}`)
    const found = repository && installationsOf(world, app).find((one) => covers(one, repository))
    if (!found) throw notFound()
    return ok(installationJson(world, found))
  }),
  appRoute('GET', '/app/hook/config', ({ app }) =>
    ok({ content_type: 'json', insecure_ssl: '0', secret: '********', url: app.hook?.url ?? '' }),
  ),
  appRoute('GET', '/app/hook/deliveries', (call) => {
    const cursor = call.query.get('cursor')
    const before = cursor === null ? Number.POSITIVE_INFINITY : Number(cursor.replace('v1_', ''))
    const size = Math.min(Number(call.query.get('per_page') ?? 30), 100)
    const sent = deliveriesOf(call.world, call.app).filter((one) => one.id < before)
    const shown = sent.slice(0, size)
    const last = shown.at(-1)
    const next =
      sent.length > size && last
        ? `<${call.world.apiUrl}/app/hook/deliveries?per_page=${size}&cursor=v1_${last.id}>; rel="next"`
        : null
    return { status: 200, body: shown.map(deliveryItemJson), headers: next === null ? {} : { link: next } }
  }),
  appRoute('GET', '/app/hook/deliveries/{delivery_id}', ({ world, app, params }) =>
    ok(deliveryJson(findDelivery(world, app, params.delivery_id))),
  ),
  appRoute('POST', '/app/hook/deliveries/{delivery_id}/attempts', ({ world, app, params }) => {
    world.redeliver(findDelivery(world, app, params.delivery_id))
    return ok({}, 202)
  }),
  installationRoute('GET', '/installation/repositories', (call) =>
    page(
      call,
      visible(call.world, call.installation, call.token),
      (one) => ({
        ...repositoryJson(call.world, one),
        permissions: { admin: false, maintain: false, push: false, triage: false, pull: false },
      }),
      (repositories, total_count) => ({ total_count, repository_selection: call.installation.selection, repositories }),
    ),
  ),
  installationRoute('DELETE', '/installation/token', ({ world, token }) => {
    world.tokens.delete(token.value)
    return noContent
  }),
]

function installationsOf(world: World, app: App): Installation[] {
  return [...world.installations.values()].filter((one) => one.app === app && !one.deleted)
}

function findInstallation(world: World, app: App, id: string | undefined): Installation {
  const found = installationsOf(world, app).find((one) => one.id === integer(id))
  if (!found) throw notFound()
  return found
}

function visible(world: World, installation: Installation, token: Token) {
  const all = installedRepositories(world, installation)
  return token.repositories === null ? all : all.filter((one) => token.repositories?.has(one.id))
}

/** Newest first, and only what was tried. */
function deliveriesOf(world: World, app: App): Delivery[] {
  return world.deliveries.filter((one) => one.app === app && one.statusCode !== null).reverse()
}

function findDelivery(world: World, app: App, id: string | undefined): Delivery {
  const found = deliveriesOf(world, app).find((one) => one.id === integer(id))
  if (!found) throw new ApiError(404, 'Not Found')
  return found
}

function deliveryItemJson(delivery: Delivery) {
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: delivery.deliveredAt,
    redelivery: delivery.redelivery,
    duration: delivery.duration,
    status: delivery.status,
    status_code: delivery.statusCode ?? 0,
    event: delivery.event,
    action: delivery.action,
    installation_id: delivery.installation?.id ?? null,
    repository_id: delivery.repositoryId,
    throttled_at: null,
  }
}

function deliveryJson(delivery: Delivery) {
  return {
    ...deliveryItemJson(delivery),
    url: delivery.app.hook?.url ?? '',
    request: { headers: delivery.requestHeaders, payload: JSON.parse(delivery.payload) as unknown },
    response: { headers: delivery.responseHeaders, payload: delivery.responseBody },
  }
}
