/** The worker behind the webhook endpoint: takes a stored delivery, interprets it, and does what it means (ING-3). */
import { crashPoint } from '../../contract/crash-point.ts'
import { failureOf } from '../../contract/failure.ts'
import { UNKNOWN_LIMIT_MS } from '../../engine/put-back.ts'
import type { Instant } from '../../pipeline/model.ts'
import { getDelivery, markDelivery } from '../../store/deliveries.ts'
import type { Intent } from '../intents.ts'
import { interpret } from '../interpret.ts'
import { handleCheckButton, handleCheckRerequested } from './check-wishes.ts'
import { handleComment } from './comment.ts'
import { handleConfigurationPushed } from './configuration-pushed.ts'
import {
  handleChecksChanged,
  handleDeploymentsChanged,
  handleIssueClosed,
  handlePullChanged,
  handleReviewsChanged,
  isOutOfReach,
} from './hints.ts'
import { handleInstallationChanged, handleRepositoryChanged } from './installation.ts'
import type { Intake, Source } from './intake.ts'
import { handleStart } from './start.ts'
import { startLabelsFor } from './start-labels.ts'
import { handleStartWithdrawn } from './start-withdrawn.ts'

/**
 * Processes one delivery; again after a crash it ends the same, since every event it makes has a key of its own.
 *
 * @param last no further attempt comes if this one fails
 * @returns until when it must wait, where a rate limit of GitHub's is in the way (FAIL-4); else null
 * @throws what went wrong, so that the queue tries again
 */
export async function processDelivery(intake: Intake, id: string, last: boolean): Promise<Instant | null> {
  const { store, identity, log, now } = intake
  const delivery = await getDelivery(store.db, id)
  if (delivery === null || delivery.state !== 'stored') return null
  try {
    const intents = interpret(delivery, { appId: identity.appId, labels: await startLabelsFor(intake, delivery) })
    crashPoint('delivery-interpreted')
    for (const [index, intent] of intents.entries()) await handle(intake, intent, { delivery: id, index })
    await markDelivery(store.db, id, intents.length === 0 ? 'ignored' : 'done')
    return null
  } catch (error) {
    const { cause, message, retryAt } = failureOf(error, 'internal')
    if (cause === 'rate-limit') {
      await markDelivery(store.db, id, 'stored', message)
      return retryAt ?? now() + UNKNOWN_LIMIT_MS
    }
    const final = last || isOutOfReach(error)
    log.warn({ err: error, delivery: id, event: delivery.event, final }, 'Delivery not processed')
    await markDelivery(store.db, id, final ? 'failed' : 'stored', message)
    if (!final) throw error
    return null
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
    case 'configuration-pushed':
      return handleConfigurationPushed(intake, intent)
    case 'start-withdrawn':
      return handleStartWithdrawn(intake, intent, source)
    case 'check-button':
      return handleCheckButton(intake, intent, source)
    case 'check-rerequested':
      return handleCheckRerequested(intake, intent, source)
    case 'installation-changed':
      return handleInstallationChanged(intake, intent, source)
    case 'repository-changed':
      return handleRepositoryChanged(intake, intent, source)
    // What a push means to a pull request is told by the pull request.
    case 'branch-pushed':
      return
  }
}
