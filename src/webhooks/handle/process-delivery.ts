/** The worker behind the webhook endpoint: takes a stored delivery, interprets it, and does what it means (ING-3). */
import { crashPoint } from '../../contract/crash-point.ts'
import { failureOf } from '../../contract/failure.ts'
import { getDelivery, markDelivery } from '../../store/deliveries.ts'
import type { Intent } from '../intents.ts'
import { interpret } from '../interpret.ts'
import { handleComment } from './comment.ts'
import {
  handleChecksChanged,
  handleDeploymentsChanged,
  handleIssueClosed,
  handlePullChanged,
  handleReviewsChanged,
  isOutOfReach,
} from './hints.ts'
import type { Intake, Source } from './intake.ts'
import { handleStart } from './start.ts'

/**
 * Processes one delivery; again after a crash it ends the same, since every event it makes has a key of its own.
 *
 * @param last no further attempt comes if this one fails
 * @throws what went wrong, so that the queue tries again
 */
export async function processDelivery(intake: Intake, id: string, labelPrefix: string, last: boolean): Promise<void> {
  const { store, identity, log } = intake
  const delivery = await getDelivery(store.db, id)
  if (delivery === null || delivery.state !== 'stored') return
  const intents = interpret(delivery, { appId: identity.appId, label: labelPrefix })
  crashPoint('delivery-interpreted')
  try {
    for (const [index, intent] of intents.entries()) await handle(intake, intent, { delivery: id, index })
    await markDelivery(store.db, id, intents.length === 0 ? 'ignored' : 'done')
  } catch (error) {
    const { message } = failureOf(error, 'internal')
    const final = last || isOutOfReach(error)
    log.warn({ err: error, delivery: id, event: delivery.event, final }, 'Delivery not processed')
    await markDelivery(store.db, id, final ? 'failed' : 'stored', message)
    if (!final) throw error
  }
}

async function handle(intake: Intake, intent: Intent, source: Source): Promise<void> {
  switch (intent.type) {
    case 'start':
      return handleStart(intake, intent, source)
    case 'comment':
      return handleComment(intake, intent, source)
    case 'pull-changed':
      return handlePullChanged(intake, intent, source)
    case 'reviews-changed':
      return handleReviewsChanged(intake, intent, source)
    case 'checks-changed':
      return handleChecksChanged(intake, intent, source)
    case 'deployments-changed':
      return handleDeploymentsChanged(intake, intent, source)
    case 'issue-closed':
      return handleIssueClosed(intake, intent, source)
    // Their behaviours are not built yet; what they tell is found by asking GitHub when it matters.
    case 'branch-pushed':
    case 'configuration-pushed':
    case 'installation-changed':
    case 'check-rerequested':
      return
  }
}
