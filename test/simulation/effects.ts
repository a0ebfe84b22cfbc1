/** Effects as the shell carries them out: late, sometimes twice, sometimes crashed half-way, sometimes not at all. */
import type { Cause } from '../../src/contract/failure.ts'
import type { Effect, EffectOf } from '../../src/pipeline/effects.ts'
import type { RunEvent } from '../../src/pipeline/events.ts'
import { currentWait } from '../../src/pipeline/state.ts'
import { aFailure } from '../support/core/results.ts'
import { branchOf, checksNow, merge, mergeableNow, openPull, pullNow } from './github.ts'
import { meddle } from './people.ts'
import { startJob } from './runner.ts'
import { happen, later, mishap, type SimRun, saw, tell, type World } from './world.ts'

const CAUSES: readonly Cause[] = ['api', 'permission', 'rate-limit', 'dispatch', 'internal']

/** Puts an effect on its way. */
export function carryOut(world: World, sim: SimRun, effect: Effect): void {
  const delayMs = effect.kind === 'ask-checks' ? effect.delayMs : 0
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
    tell(world, `effect ${effect.id}`)
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

/** Effects that answer are for the wait that asked; the others are for whoever looks. */
function wanted({ run }: SimRun, effect: Effect): boolean {
  const wait = currentWait(run)
  switch (effect.kind) {
    case 'enqueue-job':
      return wait?.for === 'job' && wait.job === effect.job
    case 'open-pulls':
    case 'ask-checks':
    case 'ask-pulls':
    case 'merge-pull':
      return wait?.for === 'effect' && wait.effect === effect.id
    case 'cancel-job':
    case 'show':
    case 'answer':
    case 'finish-issue':
    case 'open-reverts':
      return true
    default:
      return wait?.for === 'effect' && wait.effect === effect.id
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
    default:
      return null
  }
}

function open(world: World, sim: SimRun, { id, legs }: EffectOf<'open-pulls'>): RunEvent {
  const bad = legs.filter(() => mishap(world, 0.08))
  if (bad.length > 0 && bad.length < legs.length) saw(world, 'some pull requests opened, some not')
  const opened = legs.filter((leg) => !bad.includes(leg)).map((leg) => ({ leg, pull: openPull(world, sim, leg) }))
  return { type: 'pulls.opened', effect: id, opened, failed: bad.map((leg) => ({ leg, failure: aFailure('api') })) }
}

function askPulls(world: World, sim: SimRun, { id, legs }: EffectOf<'ask-pulls'>): RunEvent {
  const seen = legs.flatMap((leg) => {
    const branch = branchOf(world, sim, leg)
    const { pull, head } = branch
    if (pull === null || head === null) return []
    pull.draft = false
    return [{ leg, pull: pullNow(pull), head: pull.mergedHead ?? head, base: 'main', mergeable: mergeableNow(world, branch) }]
  })
  const checks = seen.map(({ leg, head }) => checksNow(world, sim, leg, head))
  return { type: 'pulls.reported', effect: id, pulls: seen, checks }
}

function mergePull(world: World, sim: SimRun, { id, leg, head }: EffectOf<'merge-pull'>): RunEvent {
  const branch = branchOf(world, sim, leg)
  const refused = (cause: Cause, message: string): RunEvent => {
    saw(world, `merge refused: ${message}`)
    return { type: 'merge.refused', effect: id, leg, failure: aFailure(cause, message) }
  }
  if (branch.pull === null) return refused('api', 'no pull request')
  if (branch.pull.state === 'closed') return refused('api', 'closed')
  if (branch.pull.state === 'open') {
    if (branch.head !== head) return refused('conflict', 'the head moved')
    if (mergeableNow(world, branch) !== 'clean') return refused('conflict', 'not mergeable')
    if (mishap(world, 0.05)) return refused('api', 'an error of GitHub')
    if (currentWait(sim.run)?.for !== 'effect') saw(world, 'merged under a stop')
    merge(world, sim, branch, 'switchyard')
  }
  return { type: 'pull.merged', effect: id, leg, head: branch.pull.mergedHead ?? head, pull: pullNow(branch.pull) }
}
