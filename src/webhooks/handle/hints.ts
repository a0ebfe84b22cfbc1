/** Deliveries that say that something outside may have changed. They come late, doubled and out of order: GitHub is asked. */
import { SwitchyardError } from '../../contract/failure.ts'
import { GitHubError } from '../../github/errors.ts'
import { repositoryOf } from '../../github/octokit.ts'
import { getPull } from '../../github/pull-requests.ts'
import type { Leg, Run } from '../../pipeline/model.ts'
import { activeStep, changedLegs, isAdopted, legOf } from '../../pipeline/state.ts'
import { takenOver } from '../../pipeline/steps/merge-data.ts'
import { findLegByPull, findLegsByHead, findLegsByMerge } from '../../store/run-legs.ts'
import { findLiveRun, getRun } from '../../store/runs.ts'
import type {
  ChecksChangedIntent,
  DeploymentsChangedIntent,
  IssueClosedIntent,
  PullChangedIntent,
  ReviewsChangedIntent,
} from '../intents.ts'
import { eventKey, type Intake, type Source } from './intake.ts'

/** A pull request of a live run changed: the run learns how it is now. */
export async function handlePullChanged(
  intake: Intake,
  intent: Pick<PullChangedIntent, 'installationId' | 'repositoryId' | 'number' | 'by'>,
  source: Source,
): Promise<void> {
  const { store, engine, github } = intake
  const ref = await findLegByPull(store.db, intent.repositoryId, intent.number)
  const run = ref === null ? null : await getRun(store.db, ref.runId)
  if (ref === null || run === null) return
  const octokit = await github.installation(intent.installationId)
  const seen = await getPull(octokit, repositoryOf(legOf(run, ref.key).repository), intent.number)
  if (seen === null) return
  const { pull, head, base } = seen
  const leg = legOf(run, ref.key)
  if (isAdopted(run, leg) && pull.state !== 'open' && !(pull.state === 'merged' && isOwnMerge(run, leg))) {
    // The run is about this pull request: closing or merging it ends the run, as closing an issue does (CMD-10).
    const how = pull.state === 'merged' ? 'merged' : 'closed'
    await engine.apply(run.id, eventKey(source), {
      type: 'command.stop',
      actor: { login: intent.by.login, id: intent.by.id },
      trigger: { kind: 'github', what: `pull request ${how}` },
      why: `the pull request was ${how}`,
    })
    return
  }
  await engine.apply(run.id, eventKey(source), { type: 'pull.changed', leg: ref.key, pull, head, base, by: intent.by.login })
}

/**
 * Whether a merge is one that the run itself asked for, told or not: its call is under way or was answered, or it left the
 * pull request to GitHub's queue or auto-merge. Such a run goes on, to its release for one.
 */
function isOwnMerge(run: Run, { key, mergedSha }: Leg): boolean {
  const step = activeStep(run)
  return mergedSha !== null || (step !== null && takenOver(step) === key)
}

/** Something about a pull request's review changed: its live run asks. */
export async function handleReviewsChanged(
  { store, engine }: Intake,
  intent: ReviewsChangedIntent,
  source: Source,
): Promise<void> {
  const ref = await findLegByPull(store.db, intent.repositoryId, intent.number)
  if (ref === null) return
  await engine.apply(ref.runId, eventKey(source), { type: 'reviews.changed', leg: ref.key })
}

/** Something about the checks of a head changed: every run that stands at it asks. */
export async function handleChecksChanged(
  { store, engine }: Intake,
  intent: ChecksChangedIntent,
  source: Source,
): Promise<void> {
  for (const { runId, key } of await findLegsByHead(store.db, intent.repositoryId, intent.head)) {
    await engine.apply(runId, eventKey(source, key), { type: 'checks.changed', leg: key, head: intent.head })
  }
}

/** A deployment changed: every live run whose head or merge commit it is asks. */
export async function handleDeploymentsChanged(
  { store, engine }: Intake,
  intent: DeploymentsChangedIntent,
  source: Source,
): Promise<void> {
  const { repositoryId, sha } = intent
  const legs = [...(await findLegsByHead(store.db, repositoryId, sha)), ...(await findLegsByMerge(store.db, repositoryId, sha))]
  const seen = new Set<string>()
  for (const { runId, key } of legs) {
    if (seen.has(`${runId} ${key}`)) continue
    seen.add(`${runId} ${key}`)
    await engine.apply(runId, eventKey(source, key), { type: 'deployments.changed', leg: key })
  }
}

/** Closing the issue ends its run (CMD-10), unless it was closed by the merge of the run's own pull request. */
export async function handleIssueClosed(intake: Intake, intent: IssueClosedIntent, source: Source): Promise<void> {
  const { store, engine } = intake
  const id = await findLiveRun(store.db, intent.repositoryId, intent.number)
  const run = id === null ? null : await getRun(store.db, id)
  if (run === null || (await primaryIsMerged(intake, run))) return
  await engine.apply(run.id, eventKey(source), {
    type: 'command.stop',
    actor: { login: intent.actor.login, id: intent.actor.id },
    trigger: { kind: 'github', what: `issue ${intent.how}` },
    why: `the issue was ${intent.how}`,
  })
}

async function primaryIsMerged({ github }: Intake, run: Run): Promise<boolean> {
  const primary = changedLegs(run).find((leg) => leg.repositoryId === run.task.repositoryId)
  if (primary?.pull === undefined || primary.pull === null) return false
  const octokit = await github.installation(run.task.installationId)
  const seen = await getPull(octokit, repositoryOf(primary.repository), primary.pull.number)
  return seen?.pull.state === 'merged'
}

/** Whether an error is GitHub saying that it is not ours to see: the delivery is done with. */
export function isOutOfReach(error: unknown): boolean {
  if (error instanceof GitHubError) return error.status === 404 || error.status === 403
  return error instanceof SwitchyardError && error.failure.cause === 'permission'
}
