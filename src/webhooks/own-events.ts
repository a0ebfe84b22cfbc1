import { z } from 'zod'

/** Who the App is, as far as its own events show it. */
export interface OwnIdentity {
  appId: number
  botLogin: string
  botId: number
}

const Sender = z.object({ sender: z.object({ id: z.number(), login: z.string() }) })
const ofApp = z.object({ app: z.object({ id: z.number() }) })
const Check = z.union([
  z
    .object({ action: z.string(), check_run: ofApp })
    .transform(({ action, check_run }) => ({ action, appId: check_run.app.id })),
  z
    .object({ action: z.string(), check_suite: ofApp })
    .transform(({ action, check_suite }) => ({ action, appId: check_suite.app.id })),
])

/** What people do with our own check runs; these reach us. */
const WISHES = new Set(['rerequested', 'requested_action'])
/** Events whose sender is whoever pushed. After our own push that is our bot, and yet they tell what others found. */
const TOLD_BY_OTHERS = new Set(['status', 'workflow_run', 'workflow_job', 'deployment', 'deployment_status'])

/**
 * What GitHub does by itself, later, in the name of whoever wished it: auto-merge that we switched on merges with our bot
 * as the sender, or is switched off; a merge queue puts a pull request out again.
 */
const LATER = z.union([
  z.object({ action: z.literal('closed'), pull_request: z.object({ merged: z.literal(true), auto_merge: z.object({}) }) }),
  z.object({ action: z.enum(['dequeued', 'auto_merge_disabled']) }),
])

/**
 * Whether the App caused this event itself, so that it is dropped before anything is done with it.
 *
 * Checks are judged by the App that reports them, not by the sender: for the checks of a commit that our bot pushed,
 * GitHub names our bot as the sender, and to drop those would be to never learn of a result. The same holds for what
 * GitHub merges later in our name.
 */
export function isOwnEvent(event: string, payload: unknown, own: OwnIdentity): boolean {
  if (TOLD_BY_OTHERS.has(event)) return false
  if (event === 'check_run' || event === 'check_suite') {
    const check = Check.safeParse(payload)
    return check.success && check.data.appId === own.appId && !WISHES.has(check.data.action)
  }
  if (event === 'pull_request' && LATER.safeParse(payload).success) return false
  const sent = Sender.safeParse(payload)
  return sent.success && (sent.data.sender.id === own.botId || sent.data.sender.login === own.botLogin)
}
