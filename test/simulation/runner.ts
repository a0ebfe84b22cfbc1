/** Simulated runners: jobs that finish, fail, get lost, answer twice or late, do nothing, or do it badly. */
import type { Cause } from '../../src/contract/failure.ts'
import type { HeadSha, LegKey } from '../../src/contract/ids.ts'
import type { JobResult, LegResult } from '../../src/contract/job.ts'
import type { EffectOf } from '../../src/pipeline/effects.ts'
import type { Leg } from '../../src/pipeline/model.ts'
import { awaitedJobs, changedLegs, currentWait } from '../../src/pipeline/state.ts'
import { sha } from '../support/core/build.ts'
import { aPlan, cancelledJob, failedJob, graded, noop, planned, pushed, reported, worked } from '../support/core/results.ts'
import { branchOf, push } from './github.ts'
import { callModels } from './money.ts'
import { callBegins, callEnds, simCall } from './workflows.ts'
import { happen, later, mishap, type SimRun, saw, type World } from './world.ts'

const CAUSES: readonly Cause[] = [
  'agent',
  'model',
  'timeout-inactivity',
  'timeout-duration',
  'no-usable-output',
  'git',
  'budget',
  'evicted',
  'rate-limit',
  'no-progress',
]

type Enqueue = EffectOf<'enqueue-job'>

/** An agent tries to reach what it may not, whatever else it does. */
function mayBeRefused(world: World, result: JobResult): JobResult {
  if (!mishap(world, 0.05)) return result
  saw(world, 'refused connection')
  return { ...result, denied: [{ host: 'evil.example', port: 443, why: 'not-listed', count: world.random.int(1, 9) }] }
}

/** Takes a job from the queue; one of the same id is taken once. */
export function startJob(world: World, sim: SimRun, effect: Enqueue): void {
  if (sim.jobs.has(effect.job)) return
  callBegins(world, sim, effect)
  const job = { cancelled: false }
  sim.jobs.set(effect.job, job)
  const { random } = world
  const heads = changedLegs(sim.run).map(({ head }) => head)
  const works = random.int(5_000, 900_000)
  callModels(world, sim, effect, works)
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
    const result = mayBeRefused(world, job.cancelled ? cancelledJob() : work(world, sim, effect, heads))
    callEnds(world, sim, effect, result)
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
  return awaitedJobs(currentWait(run)).includes(job)
}

function work(world: World, sim: SimRun, effect: Enqueue, heads: HeadSha[]): JobResult {
  const { random } = world
  if (mishap(world, 0.07)) return mishapResult(world, sim)
  if (effect.mode === 'validate') return validate(world, sim, heads)
  const called = simCall(world, sim, effect)
  if (called !== null) return callWork(world, sim, effect, called)
  if (mishap(world, 0.02)) return reported({ status: 'needs-decision', question: 'Which way?', options: ['left', 'right'] })
  switch (effect.role) {
    case 'planner':
      return plan(world, sim)
    case 'reviewer':
      for (const head of heads) sim.graded.add(head)
      return grade(world)
    case 'estimator':
      return mishap(world, 0.05) ? worked() : reported({ estimate: estimate(random) })
    case 'requirements':
    case 'clarity':
      return findings(world, sim)
    case 'investigator':
      return reported({ diagnosis: { cause: 'it', confidence: 0.5, evidence: [{ text: 'here' }], remedy: 'mend it' } })
    case 'writer':
    case 'analyst':
      return reported({ artefact: { title: 'A document', markdown: `text ${random.int(1, 99)}` } })
    case 'tester':
      for (const head of heads) sim.tested.add(head)
      return testReport(world)
    case 'oncall':
      return reported({ regression: { confidence: 0.5, recommendation: 'revert', evidence: [] } })
    case 'resolver':
      return resolve(world, sim, effect)
    case 'responder':
      return respond(world, sim, effect)
    default:
      return effect.mode === 'explore' ? worked() : code(world, sim, effect)
  }
}

/** A call of a workflow: what stays on a branch of its own changes none of the run's. */
function callWork(
  world: World,
  sim: SimRun,
  effect: Enqueue,
  { kind, mode, apart }: NonNullable<ReturnType<typeof simCall>>,
): JobResult {
  if (kind === 'collect') {
    if (effect.role === 'resolver') return code(world, sim, effect)
    const [leg] = writable(sim)
    const branch = `call-${world.random.int(1, 3)}`
    const isLeft = effect.call?.leaves?.some((each) => each.branch === branch) === true
    const collides = leg !== undefined && mishap(world, 0.3) && !isLeft
    if (collides) saw(world, 'workflow: a collection met a conflict')
    if (!collides && current(sim, effect) && leg !== undefined) push(world, sim, leg.key, 'switchyard[bot]')
    const collision = collides ? { leg: leg.key, branch } : null
    return reported({ result: { merged: [], collision } }, standing(sim, []))
  }
  if (mode === 'explore') return worked()
  if (!apart) return code(world, sim, effect)
  const [leg] = writable(sim)
  saw(world, 'workflow: a call on a branch of its own')
  return leg === undefined ? noop() : worked([pushed(leg, sha(`apart ${effect.job}`))])
}

function mishapResult(world: World, sim: SimRun): JobResult {
  const result = failedJob(world.random.pick(CAUSES), standing(sim, []))
  if (result.status !== 'failed') return result
  const retryAt = world.random.chance(0.3) ? world.now + world.random.int(1_000, 3_600_000) : undefined
  return retryAt === undefined ? result : { ...result, failure: { ...result.failure, retryAt } }
}

function estimate(random: World['random']) {
  const axis = () => ({ value: random.int(0, 10) / 10, why: 'so it is' })
  return { complexity: axis(), risk: axis(), impact: axis() }
}

/** Some of what it asks it has asked before, in other letters. */
function findings(world: World, sim: SimRun): JobResult {
  const { random } = world
  if (mishap(world, 0.05)) return worked()
  const many = world.calm ? 0 : random.pick([0, 0, 1, 2, 3])
  const list = Array.from({ length: many }, () => {
    const again = sim.asked.length > 0 && random.chance(0.4)
    const text = again ? random.pick(sim.asked).toUpperCase() : `What about ${random.int(1, 1_000)}?`
    if (!again) sim.asked.push(text)
    return { kind: 'question' as const, severity: random.pick(['low', 'medium', 'high'] as const), text }
  })
  return reported({ findings: { brief: 'The task, as it is understood.', findings: list } })
}

function testReport(world: World): JobResult {
  const { random } = world
  if (mishap(world, 0.05)) return worked()
  const good = world.calm || random.chance(0.5)
  const severity = random.pick(['low', 'medium', 'high', 'critical'] as const)
  const concerns = good ? [] : [{ text: `concern ${random.int(1, 99)}`, severity }]
  return reported({ test: { greenlight: good || random.chance(0.3), outcomes: [{ name: 'tests', ok: good }], concerns } })
}

function validate(world: World, sim: SimRun, heads: HeadSha[]): JobResult {
  const ok = !mishap(world, 0.35)
  for (const head of heads) sim.validated.add(head)
  saw(world, ok ? 'validation green' : 'validation red')
  return reported({ checks: [{ command: 'npm test', ok, output: 'that is what it said' }] }, standing(sim, []))
}

/** Merges the base, or leaves markers, or does nothing. */
function resolve(world: World, sim: SimRun, effect: Enqueue): JobResult {
  if (mishap(world, 0.3)) return failedJob('conflict', standing(sim, []))
  if (!current(sim, effect) || mishap(world, 0.1)) return worked(standing(sim, []))
  for (const branch of sim.branches.values()) {
    if (branch.pull?.state !== 'open' || !branch.conflict) continue
    // The base moves on under it now and then.
    branch.conflict = mishap(world, 0.3)
    push(world, sim, branch.leg, 'switchyard[bot]')
  }
  saw(world, 'conflict resolved')
  return worked(standing(sim, []))
}

/** Answers every conversation there is, sometimes with a change. */
function respond(world: World, sim: SimRun, effect: Enqueue): JobResult {
  const { random } = world
  const open = [...sim.branches.values()].flatMap(({ review }) => review.threads.filter(({ resolved }) => !resolved))
  const answers = open
    .filter(() => !mishap(world, 0.15))
    .map(({ id }) => ({
      thread: id,
      outcome: random.pick(['changed', 'rebutted', 'answered'] as const),
      reply: 'because',
    }))
  if (current(sim, effect) && random.chance(0.7)) {
    for (const branch of sim.branches.values()) {
      if (branch.pull?.state === 'open' && random.chance(0.7)) push(world, sim, branch.leg, 'switchyard[bot]')
    }
  }
  return reported({ threads: answers }, standing(sim, []))
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
  // Everything is merged or left out: there is nothing to plan.
  if (all.length === 0) return noop()
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
  if (effect.pushes === undefined && mishap(world, 0.03)) return worked(results.map((leg) => heldBack(world, leg)))
  if (mishap(world, 0.03)) return failedJob('agent', results)
  return worked(results)
}

/** As if the leg's work had been too large to push, or had a guarded part; now and then one that nobody can let through. */
function heldBack({ random }: World, leg: LegResult): LegResult {
  const measured = { patchBytes: 5_000_000, files: 2, fileBytes: 4_500_000 }
  const limits = { patchBytes: 4_194_304, files: 300, fileBytes: 1_048_576 }
  const held = { status: 'held', measured, limits, largest: [{ path: 'big.bin', bytes: 4_500_000 }] } as const
  if (random.chance(0.4)) return { ...leg, push: { ...held, largest: [...held.largest] } }
  const own = random.chance(0.2)
  const finding = { kind: own ? ('own-secret' as const) : ('protected' as const), path: 'CODEOWNERS', what: 'changed' }
  const hash = own ? null : `${leg.head ?? leg.base}`.padEnd(64, '0')
  return { ...leg, push: { ...held, largest: [], guarded: { hash, findings: [finding], more: 0 } } }
}

/** The legs that a job may push to. */
function writable({ run }: SimRun, unplanned = false): Leg[] {
  return run.legs.filter(
    ({ access, planned: taken, mergedSha, dropped }) =>
      access === 'write' && (taken || unplanned) && mergedSha === null && !dropped,
  )
}

/** Where the work branches stand, as a runner tells it at its end. */
function standing({ run, branches }: SimRun, refused: LegKey[]): LegResult[] {
  return run.legs.flatMap((leg) => {
    const head = branches.get(leg.key)?.head ?? null
    const failed = refused.includes(leg.key)
    if (head === null && !failed) return []
    const push = failed ? ({ status: 'failed', message: 'refused' } as const) : ({ status: 'pushed' } as const)
    return head === null ? [] : [pushed(leg, head, { push, changedFiles: changedFiles(head) })]
  })
}

/** What a head changes, told by its id: it is the same whenever it is asked for. */
function changedFiles(head: HeadSha): LegResult['changedFiles'] {
  const file = (path: string) => ({ path, status: 'modified' as const, additions: 1, deletions: 1 })
  const dice = Number.parseInt(head.slice(0, 2), 16)
  if (dice < 16) return [file('src/a.ts'), file('.github/workflows/ci.yml')]
  return dice < 48 ? [file('src/a.ts'), file('src/b.ts')] : [file('src/a.ts')]
}
