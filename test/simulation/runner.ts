/** Simulated runners: jobs that finish, fail, get lost, answer twice or late, do nothing, or do it badly. */
import type { Cause } from '../../src/contract/failure.ts'
import type { HeadSha, LegKey } from '../../src/contract/ids.ts'
import type { JobResult, LegResult } from '../../src/contract/job.ts'
import type { EffectOf } from '../../src/pipeline/effects.ts'
import type { Leg } from '../../src/pipeline/model.ts'
import { changedLegs, currentWait } from '../../src/pipeline/state.ts'
import { aPlan, cancelledJob, failedJob, finished, graded, noop, planned, pushed, worked } from '../support/core/results.ts'
import { branchOf, push } from './github.ts'
import { happen, later, mishap, type SimRun, saw, type World } from './world.ts'

const CAUSES: readonly Cause[] = [
  'agent',
  'model',
  'timeout-inactivity',
  'timeout-duration',
  'no-usable-output',
  'git',
  'budget',
]

type Enqueue = EffectOf<'enqueue-job'>

/** Takes a job from the queue; one of the same id is taken once. */
export function startJob(world: World, sim: SimRun, effect: Enqueue): void {
  if (sim.jobs.has(effect.job)) return
  const job = { cancelled: false }
  sim.jobs.set(effect.job, job)
  const { random } = world
  const heads = changedLegs(sim.run).map(({ head }) => head)
  const works = random.int(5_000, 900_000)
  if (effect.mode === 'code' && random.chance(0.3)) {
    later(world, Math.round(works / 2), () => {
      const checkpointed = writable(sim).find(({ head }) => head !== null)
      if (checkpointed !== undefined && current(sim, effect)) push(world, sim, checkpointed.key, 'switchyard[bot]')
    })
  }
  later(world, works, () => {
    if (mishap(world, 0.04)) {
      saw(world, 'job lost')
      later(world, 120_000, () => happen(world, sim, { type: 'job.lost', job: effect.job, why: 'not in the queue' }))
      if (random.chance(0.5)) return
    }
    const result = job.cancelled ? cancelledJob() : work(world, sim, effect, heads)
    const arrive = (): void => {
      if (!current(sim, effect)) saw(world, 'late or doubled result')
      happen(world, sim, { type: 'job.finished', job: effect.job, result })
    }
    later(world, mishap(world, 0.08) ? random.int(1_000, 1_800_000) : random.int(50, 2_000), arrive)
    if (mishap(world, 0.1)) later(world, random.int(50, 1_800_000), arrive)
  })
}

/** A token is given only to the job that the run waits for. */
function current({ run }: SimRun, { job }: Enqueue): boolean {
  const wait = currentWait(run)
  return wait?.for === 'job' && wait.job === job
}

function work(world: World, sim: SimRun, effect: Enqueue, heads: HeadSha[]): JobResult {
  const kind = sim.run.steps.find(({ id }) => id === effect.step)?.kind
  if (mishap(world, 0.07)) return failedJob(world.random.pick(CAUSES), standing(sim, []))
  if (kind === 'plan') return plan(world, sim)
  if (kind === 'companion') {
    for (const head of heads) sim.graded.add(head)
    return grade(world)
  }
  if (effect.mode === 'explore') return worked()
  return code(world, sim, effect)
}

function plan(world: World, sim: SimRun): JobResult {
  const { random } = world
  if (mishap(world, 0.03)) return noop()
  if (mishap(world, 0.15)) {
    return planned(
      random.pick([
        aPlan({ repositories: [{ repository: 'evil/other', role: 'consumer', why: '?' }] }),
        aPlan({ mergeOrder: ['acme/api', 'acme/web', 'acme/api'] }),
        aPlan({ repositories: [{ repository: 'acme/docs', role: 'consumer', why: '?' }] }),
      ]),
    )
  }
  const all = writable(sim, true)
  const some = all.filter(() => random.chance(0.8))
  const repositories = (some.length > 0 ? some : all).map(({ repository }) => ({
    repository,
    role: random.pick(['provider', 'consumer'] as const),
    why: 'the task',
  }))
  const names = repositories.map(({ repository }) => repository)
  return planned(
    aPlan({ repositories, summary: `plan ${random.int(1, 99)}`, mergeOrder: random.chance(0.5) ? names.toReversed() : [] }),
  )
}

function grade(world: World): JobResult {
  const { random } = world
  if (world.calm) return graded(1)
  if (random.chance(0.06)) return random.chance(0.5) ? worked() : noop()
  return random.chance(0.5) ? graded(random.int(80, 100) / 100) : graded(random.int(0, 100) / 100, ['this is not right'])
}

function code(world: World, sim: SimRun, effect: Enqueue): JobResult {
  const { random } = world
  const legs = writable(sim)
  const idle = mishap(world, 0.06)
  // The runner's token is asked for at the push: a job that nobody waits for any more pushes nothing.
  const stale = !current(sim, effect)
  if (idle || stale) return random.chance(0.5) ? noop(standing(sim, [])) : failedJob('no-changes', standing(sim, []))
  const touched = legs.filter(({ head }) => world.calm || head !== null || random.chance(0.75))
  const refused = touched.filter(() => mishap(world, 0.03)).map(({ key }) => key)
  for (const { key } of touched) {
    if (refused.includes(key)) continue
    push(world, sim, key, 'switchyard[bot]')
    if (world.calm) branchOf(world, sim, key).conflict = false
  }
  const results = standing(sim, refused)
  if (refused.length > 0) return worked(results)
  if (mishap(world, 0.03)) return failedJob('agent', results)
  if (mishap(world, 0.02))
    return finished(
      { status: 'needs-decision', nonce: '0123456789abcdef', summary: '?', question: '?', options: ['a', 'b'] },
      results,
    )
  return worked(results)
}

/** The legs that a job may push to. */
function writable({ run }: SimRun, unplanned = false): Leg[] {
  return run.legs.filter(
    ({ access, planned: taken, mergedSha }) => access === 'write' && (taken || unplanned) && mergedSha === null,
  )
}

/** Where the work branches stand, as a runner tells it at its end. */
function standing({ run, branches }: SimRun, refused: LegKey[]): LegResult[] {
  return run.legs.flatMap((leg) => {
    const head = branches.get(leg.key)?.head ?? null
    const failed = refused.includes(leg.key)
    if (head === null && !failed) return []
    const push = failed ? ({ status: 'failed', message: 'refused' } as const) : ({ status: 'pushed' } as const)
    return head === null ? [] : [pushed(leg, head, { push })]
  })
}
