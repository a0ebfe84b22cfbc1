import type { App, Hook } from '../state/model.ts'
import { timestamp, type World } from '../state/world.ts'

/** https://docs.github.com/webhooks/webhook-events-and-payloads#ping */
export function pingPayload(world: World, app: App, hook: Hook) {
  return {
    zen: 'Anything added dilutes everything else.',
    hook_id: hook.id,
    hook: {
      type: 'App',
      id: hook.id,
      name: 'web',
      active: true,
      app_id: app.id,
      events: app.events,
      config: { content_type: 'json', url: hook.url, insecure_ssl: '0', secret: '********' },
      updated_at: timestamp(world),
      created_at: timestamp(world),
      deliveries_url: `${world.apiUrl}/app/hook/deliveries`,
    },
  }
}
