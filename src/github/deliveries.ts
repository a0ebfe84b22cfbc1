import { z } from 'zod'
import { ask } from './errors.ts'
import { type Octokit, PAGE_SIZE } from './octokit.ts'

/** One attempt of GitHub to deliver a webhook. */
export interface HookDelivery {
  /** Names the attempt; redelivery asks for it. */
  id: number
  /** The `X-GitHub-Delivery` id, the same for all attempts of one delivery. */
  guid: string
  event: string
  deliveredAt: string
  /** Whether our answer was 2xx. */
  ok: boolean
}

const Answer = z.object({
  id: z.number(),
  guid: z.string(),
  event: z.string(),
  delivered_at: z.string(),
  status_code: z.number(),
})

/**
 * The App's delivery attempts, newest first, back to `since` (GitHub keeps three days).
 *
 * @param app the App's own client
 * @see https://docs.github.com/en/rest/apps/webhooks#list-deliveries-for-an-app-webhook
 */
export async function listDeliveries(app: Octokit, since: Date): Promise<HookDelivery[]> {
  const pages = app.paginate.iterator(app.rest.apps.listWebhookDeliveries, { per_page: PAGE_SIZE })
  return ask('list webhook deliveries', async () => {
    const found: HookDelivery[] = []
    for await (const { data } of pages) {
      for (const each of data) {
        const { id, guid, event, delivered_at, status_code } = Answer.parse(each)
        if (Date.parse(delivered_at) < since.getTime()) return found
        found.push({ id, guid, event, deliveredAt: delivered_at, ok: status_code >= 200 && status_code < 300 })
      }
    }
    return found
  })
}

/** Of these attempts, the newest one of each delivery that never succeeded. */
export function failedDeliveries(attempts: readonly HookDelivery[]): HookDelivery[] {
  const succeeded = new Set(attempts.filter((each) => each.ok).map((each) => each.guid))
  const newest = new Map<string, HookDelivery>()
  for (const attempt of attempts) {
    if (!succeeded.has(attempt.guid) && !newest.has(attempt.guid)) newest.set(attempt.guid, attempt)
  }
  return [...newest.values()]
}

/** Has GitHub deliver again; it comes with the same delivery id. */
export async function redeliver(app: Octokit, attempt: number): Promise<void> {
  await ask(`have delivery ${attempt} sent again`, () => app.rest.apps.redeliverWebhookDelivery({ delivery_id: attempt }))
}
