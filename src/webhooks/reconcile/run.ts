/** One live run held against GitHub: its repositories, its issue, its pull requests; then it is told to ask for the rest. */
import { getIssue } from '../../github/issues.ts'
import { removeLabel } from '../../github/labels.ts'
import { repositoryOf } from '../../github/octokit.ts'
import type { PullDetails } from '../../github/pull-requests.ts'
import type { Leg, Run } from '../../pipeline/model.ts'
import { awaitedJobs, changedLegs, currentWait, isAdopted, isLive, openLegs } from '../../pipeline/state.ts'
import { getRun } from '../../store/runs.ts'
import { handleIssueClosed, handlePullChanged } from '../handle/hints.ts'
import type { Intake } from '../handle/intake.ts'
import { pipelineOf } from '../interpret/payload.ts'
import { type KeyOf, NOBODY } from './installation.ts'
import type { Pass } from './pass.ts'
import { followRepository } from './repository.ts'

export interface ReconcileOptions {
  key: KeyOf
  /** What start labels begin with. */
  labelPrefix: string
}

/** Applies what differs; gives how many things did. */
export async function reconcileRun(intake: Intake, run: Run, pass: Pass, options: ReconcileOptions): Promise<number> {
  let differed = 0
  for (const leg of run.legs) {
    const reached = await pass.reach(intake, leg)
    const where = { key: options.key, actor: NOBODY }
    if (await followRepository(intake, run, leg, reached, where)) differed += 1
  }
  // Names have changed, or the run is stopped: what is left is for the next time.
  if (differed > 0) return differed
  if (await issueDiffers(intake, run, pass, options)) return 1
  for (const leg of changedLegs(run)) if (await pullDiffers(intake, run, leg, pass)) differed += 1
  const now = await getRun(intake.store.db, run.id)
  if (now !== null && isLive(now)) await hint(intake, now, options)
  return differed
}

/** Closed or deleted ends the run, as its delivery would have; a start label that is still on is taken off. */
async function issueDiffers(intake: Intake, run: Run, pass: Pass, { labelPrefix }: ReconcileOptions): Promise<boolean> {
  const { task } = run
  const repository = repositoryOf(task.repository)
  const issue = await getIssue(pass.octokit, repository, task.number)
  for (const label of issue?.labels ?? []) {
    if (pipelineOf(label, labelPrefix) !== undefined) await removeLabel(pass.octokit, repository, task.number, label)
  }
  // A pull request's end is told by the pull request itself.
  if (issue?.state === 'open' || task.thread === 'pull') return false
  const { installationId, repositoryId, number } = task
  const how = issue === null ? 'deleted' : 'closed'
  const actor = { ...(issue?.closedBy ?? NOBODY), type: 'User' } as const
  const intent = { type: 'issue-closed', installationId, repositoryId, number, how, actor } as const
  await handleIssueClosed(intake, intent, { delivery: `reconcile:${run.id}:${run.version}:issue`, index: 0 })
  const after = await getRun(intake.store.db, run.id)
  return after !== null && after.version !== run.version
}

async function pullDiffers(intake: Intake, run: Run, leg: Leg, pass: Pass): Promise<boolean> {
  const { pull } = leg
  if (pull === null || leg.mergedSha !== null || pull.state === 'merged') return false
  const seen = (await pass.openPulls(leg.repositoryId, leg.repository)).find(({ pull: { number } }) => number === pull.number)
  if (!differs(run, leg, pull, seen)) return false
  const { installationId } = run.task
  const closedBy =
    seen !== undefined ? null : (await getIssue(pass.octokit, repositoryOf(leg.repository), pull.number))?.closedBy
  const by = { ...(closedBy ?? NOBODY), type: 'User' } as const
  const intent = { installationId, repositoryId: leg.repositoryId, number: pull.number, by }
  // It reads the pull request by itself: a list may be older than what was done meanwhile.
  await handlePullChanged(intake, intent, { delivery: `reconcile:${run.id}:${run.version}:${leg.key}`, index: 0 })
  return true
}

/** `seen` is missing where the pull request is not open. */
function differs(run: Run, leg: Leg, pull: NonNullable<Leg['pull']>, seen: PullDetails | undefined): boolean {
  if (seen === undefined) return pull.state === 'open' || isAdopted(run, leg)
  // While a job works on the branch, its checkpoints move the head.
  const working = awaitedJobs(currentWait(run)).length > 0
  const moved = !working && seen.head !== leg.head
  return pull.state !== 'open' || pull.draft !== seen.pull.draft || leg.baseBranch !== seen.base || moved
}

/** A run that waits for something outside, or for a person to mend it, asks GitHub: that it changed may have got lost. */
async function hint({ engine }: Intake, run: Run, { key }: ReconcileOptions): Promise<void> {
  const waits = currentWait(run)?.for
  if (run.status.state !== 'active' || waits === undefined) return
  if (!['checks', 'mergeability', 'outside', 'person'].includes(waits)) return
  for (const leg of openLegs(run)) {
    if (leg.pull === null) continue
    await engine.apply(run.id, key(run, `checks:${leg.key}`), { type: 'checks.changed', leg: leg.key, head: leg.head })
    await engine.apply(run.id, key(run, `reviews:${leg.key}`), { type: 'reviews.changed', leg: leg.key })
    await engine.apply(run.id, key(run, `deployments:${leg.key}`), { type: 'deployments.changed', leg: leg.key })
  }
}
