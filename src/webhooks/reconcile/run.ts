/**
 * One live run held against GitHub: its installation, its repositories, its issue, its pull requests, its checks. What
 * pauses or stops a run must have been so at two looks; the rest is applied at once.
 */
import type { Installation } from '../../github/repositories.ts'
import type { Leg, Run } from '../../pipeline/model.ts'
import { awaitedJobs, changedLegs, currentWait, isAdopted, isLive, openLegs } from '../../pipeline/state.ts'
import { getRun } from '../../store/runs.ts'
import { handlePullChanged } from '../handle/hints.ts'
import type { Intake } from '../handle/intake.ts'
import { checksDigest } from './checks.ts'
import type { Look } from './doubts.ts'
import { followStanding, type KeyOf, NOBODY } from './installation.ts'
import { closerOf, issueDiffers } from './issue.ts'
import type { Pass } from './pass.ts'
import { followRepository } from './repository.ts'

export interface ReconcileOptions {
  key: KeyOf
  standing: Installation | null
  look: Look
  /** Called where GitHub may be asked for the run's installation. */
  pass(): Promise<Pass>
}

/** Applies what differs; gives how many things did. */
export async function reconcileRun(intake: Intake, run: Run, options: ReconcileOptions): Promise<number> {
  const { key, standing, look } = options
  const applying = { key, actor: NOBODY, sure: look.sure }
  if (await followStanding(intake, run, standing, applying)) return 1
  if (standing === null || standing.suspended) return 0
  const pass = await options.pass()
  let differed = 0
  for (const leg of run.legs) {
    if (leg.dropped) continue
    const reached = await pass.reach(intake, leg)
    if (await followRepository(intake, run, leg, reached, applying)) differed += 1
    // What is out of reach cannot be asked either; whether it stays so is seen at the next look.
    if (reached === null || reached === 'unknown') return differed
  }
  // Names have changed, or the run is stopped: what is left is for the next time.
  if (differed > 0) return differed
  if (await issueDiffers(intake, run, pass, options)) return 1
  for (const leg of changedLegs(run)) if (await pullDiffers(intake, run, leg, pass, look)) differed += 1
  const now = await getRun(intake.store.db, run.id)
  if (now !== null && isLive(now)) differed += await checksDiffer(intake, now, pass, options)
  return differed
}

async function pullDiffers(intake: Intake, run: Run, leg: Leg, pass: Pass, look: Look): Promise<boolean> {
  const { pull } = leg
  if (pull === null || leg.mergedSha !== null || pull.state === 'merged') return false
  const seen = (await pass.openPulls(leg.repositoryId, leg.repository)).find(({ pull: { number } }) => number === pull.number)
  if (!differs(run, leg, pull, seen)) return false
  if (seen === undefined && !look.sure(`closed:${leg.key}`)) return false
  const { installationId } = run.task
  const closedBy = seen === undefined ? await closerOf(pass.octokit, leg.repository, pull.number) : null
  const by = { ...(closedBy ?? NOBODY), type: 'User' } as const
  const intent = { installationId, repositoryId: leg.repositoryId, number: pull.number, by }
  // It reads the pull request by itself: a list may be older than what was done meanwhile.
  await handlePullChanged(intake, intent, { delivery: `reconcile:${run.id}:${run.version}:${leg.key}`, index: 0 })
  return true
}

/** `seen` is missing where the pull request is not open. */
function differs(run: Run, leg: Leg, pull: NonNullable<Leg['pull']>, seen: PullDetailsOrNone): boolean {
  if (seen === undefined) return pull.state === 'open' || isAdopted(run, leg)
  // While a job works on the branch, its checkpoints move the head.
  const working = awaitedJobs(currentWait(run)).length > 0
  const moved = !working && seen.head !== leg.head
  return pull.state !== 'open' || pull.draft !== seen.pull.draft || leg.baseBranch !== seen.base || moved
}

type PullDetailsOrNone = Awaited<ReturnType<Pass['openPulls']>>[number] | undefined

/**
 * Checks at which a person is asked may turn green by another's doing. A gate that waits for checks itself asks GitHub by
 * its own timer; this one would wait for ever if the webhook was lost.
 */
async function checksDiffer(
  { engine, identity }: Intake,
  run: Run,
  pass: Pass,
  { key, look }: ReconcileOptions,
): Promise<number> {
  const wait = currentWait(run)
  if (run.status.state !== 'active' || wait?.for !== 'person' || wait.what !== 'evidence') return 0
  let differed = 0
  for (const { key: leg, repository, head } of openLegs(run)) {
    if (!look.differs(`checks:${leg}:${head}`, await checksDigest(pass.octokit, repository, head, identity.appId))) continue
    await engine.apply(run.id, key(run, `checks:${leg}`), { type: 'checks.changed', leg, head })
    differed += 1
  }
  return differed
}
