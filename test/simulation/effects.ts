/** Effects as the shell carries them out: late, sometimes twice, sometimes crashed half-way, sometimes not at all. */
import type { Cause } from '../../src/contract/failure.ts'
import type { HeadSha, LegKey } from '../../src/contract/ids.ts'
import type { Effect, EffectOf } from '../../src/pipeline/effects.ts'
import type { RunEvent } from '../../src/pipeline/events.ts'
import { awaitedEffect, awaitedJobs, currentWait } from '../../src/pipeline/state.ts'
import { aFailure } from '../support/core/results.ts'
import { askDeployments, askRelease, createDeployments, fileFollowUp, fileTicket, openReverts } from './deploys.ts'
import { branchOf, checksNow, markReady, merge, mergeableNow, openPull, pullHint, pullNow, rerun } from './github.ts'
import { meddle } from './people.ts'
import { answerThreads, askReviews } from './reviews.ts'
import { startJob } from './runner.ts'
import { advanceScript } from './workflows.ts'
import { type Branch, happen, later, mishap, type SimRun, saw, tell, type World } from './world.ts'

const CAUSES: readonly Cause[] = ['api', 'permission', 'rate-limit', 'dispatch', 'internal']

/** Puts an effect on its way. */
export function carryOut(world: World, sim: SimRun, effect: Effect): void {
  const delayMs = effect.kind === 'ask-checks' || effect.kind === 'ask-reviews' ? effect.delayMs : 0
  later(world, delayMs + world.random.int(0, mishap(world, 0.1) ? 60_000 : 1_500), () => begin(world, sim, effect))
}

/** The handler looks whether the run still wants it; what happens between that look and the call is a race. */
function begin(world: World, sim: SimRun, effect: Effect): void {
  const { random } = world
  if (!wanted(sim, effect)) {
    saw(world, 'effect no longer wanted')
    return
  }
  if (mishap(world, 0.05)) {
    saw(world, 'crash before an effect')
    later(world, random.int(1_000, 20_000), () => begin(world, sim, effect))
    return
  }
  const failure = aFailure(random.pick(CAUSES), 'it could not be done')
  const gone = (): void => happen(world, sim, { type: 'effect.failed', effect: effect.id, failure })
  if (mishap(world, 0.03)) {
    saw(world, 'effect failed')
    later(world, random.int(1_000, 120_000), gone)
    return
  }
  const acts = (): void => {
    tell(world, () => `effect ${effect.id}`)
    const answer = perform(world, sim, effect)
    if (mishap(world, 0.02)) {
      saw(world, 'effect done, and counted as failed')
      later(world, random.int(1_000, 120_000), gone)
      return
    }
    if (mishap(world, 0.06)) {
      saw(world, 'crash after an effect')
      later(world, random.int(1_000, 20_000), () => begin(world, sim, effect))
      if (random.chance(0.5)) return
    }
    if (answer === null) return
    later(world, random.int(10, 1_000), () => happen(world, sim, answer))
    if (mishap(world, 0.1)) later(world, random.int(10, 600_000), () => happen(world, sim, answer))
  }
  const latencyMs = random.int(50, effect.kind === 'merge-pull' ? 6_000 : 2_000)
  if (effect.kind === 'merge-pull' && mishap(world, 0.4)) {
    later(world, random.int(0, Math.round(latencyMs / 2)), () => meddle(world, sim, effect.leg))
  }
  later(world, latencyMs, acts)
}

/** Effects that answer are for the wait that asked, in a run that is not held; the others are for whoever looks. */
function wanted({ run }: SimRun, effect: Effect): boolean {
  const wait = currentWait(run)
  const goes = run.status.state === 'active'
  switch (effect.kind) {
    case 'enqueue-job':
      return goes && awaitedJobs(wait).includes(effect.job)
    case 'cancel-job':
    case 'show':
    case 'notify':
    case 'answer':
    case 'clean-up':
    case 'finish-issue':
    case 'open-reverts':
    case 'file-follow-up':
    case 'withdraw-merge':
      return true
    default:
      return goes && awaitedEffect(wait) === effect.id
  }
}

function perform(world: World, sim: SimRun, effect: Effect): RunEvent | null {
  switch (effect.kind) {
    case 'enqueue-job':
      startJob(world, sim, effect)
      return null
    case 'cancel-job': {
      const job = sim.jobs.get(effect.job)
      if (job !== undefined) job.cancelled = true
      return null
    }
    case 'advance-workflow':
      return advanceScript(world, sim, effect)
    case 'open-pulls':
      return open(world, sim, effect)
    case 'ask-checks':
      return {
        type: 'checks.reported',
        effect: effect.id,
        legs: effect.legs.map(({ leg, head }) => checksNow(world, sim, leg, head)),
      }
    case 'ask-pulls':
      return askPulls(world, sim, effect)
    case 'merge-pull':
      return mergePull(world, sim, effect)
    case 'rerun-checks': {
      if (mishap(world, 0.3)) return { type: 'checks.rerun', effect: effect.id, rerun: 0, refused: 'not permitted' }
      const rerunCount = effect.legs.reduce((sum, { leg, head, names }) => sum + rerun(world, sim, leg, head, names), 0)
      saw(world, 'failing checks run again')
      return { type: 'checks.rerun', effect: effect.id, rerun: rerunCount, refused: null }
    }
    case 'ask-reviews':
      return askReviews(world, sim, effect)
    case 'answer-threads':
      return answerThreads(world, sim, effect)
    case 'file-ticket':
      return fileTicket(sim, effect)
    case 'file-follow-up':
      return fileFollowUp(sim, effect)
    case 'create-deployments':
      return createDeployments(world, sim, effect)
    case 'ask-deployments':
      return askDeployments(world, sim, effect)
    case 'ask-release':
      return askRelease(world, effect)
    case 'open-reverts':
      return openReverts(world, sim, effect)
    case 'withdraw-merge':
      for (const leg of effect.legs) branchOf(world, sim, leg).waiting = null
      return null
    case 'clean-up':
      return cleanUp(world, sim, effect)
    case 'show':
    case 'notify':
    case 'answer':
    case 'finish-issue':
      return null
  }
}

function open(world: World, sim: SimRun, { id, legs }: EffectOf<'open-pulls'>): RunEvent {
  const bad = legs.filter(() => mishap(world, 0.08))
  if (bad.length > 0 && bad.length < legs.length) saw(world, 'some pull requests opened, some not')
  const opened = legs.filter((leg) => !bad.includes(leg)).map((leg) => ({ leg, ...openPull(world, sim, leg) }))
  return { type: 'pulls.opened', effect: id, opened, failed: bad.map((leg) => ({ leg, failure: aFailure('api') })) }
}

function askPulls(world: World, sim: SimRun, { id, legs, ready }: EffectOf<'ask-pulls'>): RunEvent {
  const seen = legs.flatMap((leg) => {
    const branch = branchOf(world, sim, leg)
    if (ready) markReady(branch)
    const { pull, head } = branch
    if (pull === null || head === null) return []
    const mergeable = mergeableNow(world, branch)
    const queued = branch.waiting !== null
    return [{ leg, pull: pullNow(pull), head: pull.mergedHead ?? head, base: 'main', mergeable, queued }]
  })
  const checks = seen.map(({ leg, head }) => checksNow(world, sim, leg, head))
  return { type: 'pulls.reported', effect: id, pulls: seen, checks }
}

function mergePull(world: World, sim: SimRun, { id, leg, head, auto }: EffectOf<'merge-pull'>): RunEvent {
  const branch = branchOf(world, sim, leg)
  const refused = (cause: Cause, message: string): RunEvent => {
    saw(world, `merge refused: ${message}`)
    return { type: 'merge.refused', effect: id, leg, failure: aFailure(cause, message) }
  }
  if (branch.pull === null) return refused('api', 'no pull request')
  if (branch.pull.state === 'closed') return refused('api', 'closed')
  if (branch.pull.state === 'open') {
    if (branch.head !== head) return refused('conflict', 'the head moved')
    const state = mergeableNow(world, branch)
    if (auto ? state !== 'blocked' && state !== 'clean' : state !== 'clean') return refused('conflict', 'not mergeable')
    if (mishap(world, 0.05)) return refused('api', 'an error of GitHub')
    if (branch.queued || (auto && state === 'blocked')) return enqueue(world, sim, branch, { id, leg, head, auto })
    if (currentWait(sim.run)?.for !== 'effect') saw(world, 'merged under a stop')
    merge(world, sim, branch, 'switchyard')
  }
  return { type: 'pull.merged', effect: id, leg, head: branch.pull.mergedHead ?? head, pull: pullNow(branch.pull) }
}

/** The merge queue merges later, at this head or not at all; so does auto-merge, once nothing blocks it any more. */
function enqueue(
  world: World,
  sim: SimRun,
  branch: Branch,
  { id, leg, head, auto }: { id: string; leg: LegKey; head: HeadSha; auto: boolean },
): RunEvent {
  const { random } = world
  const fresh = branch.waiting !== head
  branch.waiting = head
  saw(world, auto ? 'auto-merge switched on' : 'in the merge queue')
  const act = (): void => {
    if (branch.waiting !== head || branch.pull?.state !== 'open') return
    if (auto && world.now < branch.blockedUntil) {
      later(world, branch.blockedUntil - world.now + 1_000, act)
      return
    }
    branch.waiting = null
    if (mergeableNow(world, branch) === 'clean' && !mishap(world, 0.35)) merge(world, sim, branch, 'the merge queue')
    else {
      saw(world, 'thrown out of the merge queue')
      pullHint(world, sim, branch, 'github')
    }
  }
  if (fresh) later(world, random.int(5_000, 600_000), act)
  return { type: 'merge.queued', effect: id, leg, head, by: auto ? 'auto-merge' : 'queue' }
}

/** Closes what is open; what is merged stays. */
function cleanUp(world: World, sim: SimRun, effect: EffectOf<'clean-up'>): RunEvent {
  const pulls = effect.legs.flatMap((leg) => {
    const { pull, head } = branchOf(world, sim, leg)
    if (pull === null || pull.state === 'merged') return []
    pull.state = 'closed'
    return head === null ? [] : [{ leg, pull: pullNow(pull), head }]
  })
  saw(world, 'a stopped run cleaned up')
  return { type: 'cleaned.up', effect: effect.id, pulls }
}
