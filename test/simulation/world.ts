/** The simulated world: its clock, its GitHub, its runs, and how an event reaches a run. No I/O, no real time. */
import { isDeepStrictEqual } from 'node:util'
import type { HeadSha, JobId, LegKey } from '../../src/contract/ids.ts'
import { decide } from '../../src/pipeline/decide.ts'
import type { Effect } from '../../src/pipeline/effects.ts'
import type { CheckSeen, DeploymentSeen, RunEvent } from '../../src/pipeline/events.ts'
import type { Run } from '../../src/pipeline/model.ts'
import { isLive } from '../../src/pipeline/state.ts'
import { type Auditor, BrokenInvariant, createAuditor } from '../support/core/audit.ts'
import { START } from '../support/core/build.ts'
import { type Agenda, createAgenda } from './agenda.ts'
import { reached } from './coverage.ts'
import { createRandom, type Random } from './random.ts'
import { auditWorkflow, type SimJournal } from './workflow-audit.ts'

/** How many of the last happenings a failing run shows. */
const TOLD = 40
/** Every so many events a decision is made twice, and its input compared: that is slow. */
const THOROUGH_EVERY = 16

/** A pull request as it really is. */
export interface RealPull {
  number: number
  state: 'open' | 'closed' | 'merged'
  draft: boolean
  mergedHead: HeadSha | null
}

/** One conversation as it really is. */
export interface RealThread {
  id: string
  by: string
  at: number
  trusted: boolean
  resolved: boolean
  answered: boolean
}

/** What people said about a pull request. */
export interface RealReview {
  threads: RealThread[]
  changeRequest: { id: string; at: number; trusted: boolean } | null
  approvedHead: HeadSha | null
  /** Branch protection demands an approval. */
  demanded: boolean
}

export function noReview(demanded: boolean): RealReview {
  return { threads: [], changeRequest: null, approvedHead: null, demanded }
}

/** One deployment as it really is. */
export interface RealDeployment {
  id: number
  leg: LegKey
  head: HeadSha
  environment: string
  endsAt: number
  state: DeploymentSeen['state']
}

/** A work branch of a run as it really is. */
export interface Branch {
  leg: LegKey
  head: HeadSha | null
  /** Every head it ever had. */
  heads: Set<string>
  pull: RealPull | null
  conflict: boolean
  /** GitHub says `unknown` before. */
  decidedAt: number
  /** Branch protection says no before. */
  blockedUntil: number
  /** How the repository's checks are. */
  style: 'normal' | 'none' | 'late'
  /** Whatever is pushed is red, until the world calms down. */
  hopeless: boolean
  /** Checks that are red on the base branch too. */
  redOnBase: readonly string[]
  review: RealReview
  /** The branch merges through a merge queue only. */
  queued: boolean
  /** In the merge queue, or under auto-merge, at this head. */
  waiting: HeadSha | null
  /** The pull request that takes the merged one back. */
  revert: number | null
}

export interface RealCheck {
  name: string
  startsAt: number
  endsAt: number
  conclusion: CheckSeen['conclusion']
}

/** A run with all that surrounds it. */
export interface SimRun {
  run: Run
  auditor: Auditor
  /** Timer rows, by id. */
  timers: Map<string, number>
  branches: Map<LegKey, Branch>
  jobs: Map<JobId, { cancelled: boolean }>
  /** Heads that a companion was given to grade. */
  graded: Set<string>
  /** Heads that a tester tested, and that the validation commands ran on. */
  tested: Set<string>
  validated: Set<string>
  deployments: Map<string, RealDeployment>
  /** Issues filed, by step. */
  tickets: Map<string, number>
  /** What its calls of models cost, and what is kept free for those under way, in USD. */
  money: { spentUsd: number; reservedUsd: number }
  /** Journals of dynamic workflows, by step and number. */
  journals: Map<string, SimJournal>
  /** Questions that were asked about the task. */
  asked: string[]
  events: number
}

export interface World {
  seed: number
  random: Random
  now: number
  agenda: Agenda
  /** Nothing goes wrong any more, and people are sensible. */
  calm: boolean
  /** What people still do before it calms down. */
  actsLeft: number
  runs: SimRun[]
  checks: Map<HeadSha, RealCheck[]>
  commits: number
  pulls: number
  remarks: number
  events: number
  /** The last happenings, told only when something went wrong. */
  told: (() => string)[]
  /** What happened, by name: the coverage. */
  seen: Map<string, number>
  /** Carries out an effect; set when the parts are put together. */
  carryOut(sim: SimRun, effect: Effect): void
}

export function createWorld(seed: number, carryOut: (world: World, sim: SimRun, effect: Effect) => void): World {
  const random = createRandom(seed)
  const world: World = {
    seed,
    random,
    now: START,
    agenda: createAgenda(),
    calm: false,
    actsLeft: random.int(2, 22),
    runs: [],
    checks: new Map(),
    commits: 0,
    pulls: 0,
    remarks: 0,
    events: 0,
    told: [],
    seen: new Map(),
    carryOut: (sim, effect) => carryOut(world, sim, effect),
  }
  return world
}

/** A misfortune: with this probability, until the world calms down. */
export function mishap(world: World, probability: number): boolean {
  return world.random.chance(probability) && !world.calm
}

export function later(world: World, delayMs: number, act: () => void): void {
  world.agenda.put(world.now + delayMs, act)
}

export function saw(world: World, what: string): void {
  world.seen.set(what, (world.seen.get(what) ?? 0) + 1)
}

export function tell(world: World, line: () => string): void {
  const { now } = world
  world.told.push(() => `${Math.round((now - START) / 1000)} s: ${line()}`)
  if (world.told.length > TOLD) world.told.shift()
}

export function addRun(world: World, run: Run): SimRun {
  const auditor = createAuditor(run, { thorough: false })
  const sim: SimRun = {
    run,
    auditor,
    timers: new Map(),
    branches: new Map(),
    jobs: new Map(),
    graded: new Set(),
    tested: new Set(),
    validated: new Set(),
    deployments: new Map(),
    tickets: new Map(),
    journals: new Map(),
    asked: [],
    money: { spentUsd: 0, reservedUsd: 0 },
    events: 0,
  }
  world.runs.push(sim)
  return sim
}

/** An event reaches the run: it is decided, audited, and what follows is put on the agenda. */
export function happen(world: World, sim: SimRun, event: RunEvent): void {
  const before = sim.run
  world.events += 1
  sim.events += 1
  const decision = decide(before, event, world.now)
  const changed = decision.run !== before
  const { run: after } = decision
  tell(world, () => `${before.id} ${JSON.stringify(event).slice(0, 300)} -> ${changed ? standing(after) : 'nothing'}`)
  sim.auditor.check(before, event, decision, world.now)
  auditWorkflow(after)
  if (world.events % THOROUGH_EVERY === 0) {
    const again = decide(before, event, world.now)
    if (!isDeepStrictEqual(again, decision)) throw new BrokenInvariant('core', 'the same question got two answers')
  }
  sim.run = decision.run
  if (changed) for (const what of reached(before, event, decision)) saw(world, what)
  for (const { id, at } of decision.timers) setTimer(world, sim, id, at)
  for (const effect of decision.effects) world.carryOut(sim, effect)
  // What was held while it was queued stands in the queue again.
  const queuedAgain = before.status.state === 'paused' && after.status.state === 'queued'
  if (queuedAgain) later(world, world.random.int(0, 60_000), () => happen(world, sim, { type: 'run.admitted' }))
  confirmed(sim)
  if (world.runs.filter(({ run }) => isLive(run)).length > 1) throw new BrokenInvariant('1', 'two live runs for one issue')
}

/** How a run stands, for the tale. */
export function standing({ status, steps }: Run): string {
  const step = steps.find((each) => each.status.state === 'active')
  if (step?.status.state !== 'active') return status.state === 'failed' ? `failed (${status.failure.cause})` : status.state
  return `${step.id} ${step.epoch} waits for ${JSON.stringify(step.status.wait)}`
}

/** 10: a run says only what GitHub really has. */
function confirmed({ run, branches }: SimRun): void {
  for (const { key, head, pull, mergedSha } of run.legs) {
    const real = branches.get(key)
    if (head !== null && real?.heads.has(head) !== true) throw new BrokenInvariant('10', `${key} never was at ${head}`)
    if (pull !== null && real?.pull?.number !== pull.number)
      throw new BrokenInvariant('10', `${key} has no pull request ${pull.number}`)
    if (pull?.state === 'merged' && real?.pull?.state !== 'merged') throw new BrokenInvariant('10', `${key} is not merged`)
    if (mergedSha !== null && real?.pull?.mergedHead !== mergedSha)
      throw new BrokenInvariant('10', `${key} was not merged at ${mergedSha}`)
  }
}

/** Timers are rows: one of the same id is moved. They fire late, and sometimes twice. */
function setTimer(world: World, sim: SimRun, id: string, at: number): void {
  const { random } = world
  sim.timers.set(id, at)
  const fire = () => {
    const row = sim.timers.get(id)
    const due = row !== undefined && row <= world.now
    if (due) sim.timers.delete(id)
    else if (!mishap(world, 0.1)) return
    if (!due) saw(world, 'timer fired twice or early')
    happen(world, sim, { type: 'timer.fired', timer: id })
  }
  const lateMs = random.chance(0.1) ? random.int(1_000, 600_000) : random.int(0, 1_000)
  world.agenda.put(at + lateMs, fire)
  if (mishap(world, 0.1)) world.agenda.put(at + random.int(0, 900_000), fire)
}

/** A hint from GitHub: sometimes lost, doubled, late, and so out of order. */
export function hint(world: World, sim: SimRun, event: RunEvent, delayMs = 0): void {
  const { random } = world
  if (mishap(world, 0.12)) {
    saw(world, 'webhook lost')
    return
  }
  const late = () => delayMs + (mishap(world, 0.15) ? random.int(5_000, 600_000) : random.int(50, 2_000))
  later(world, late(), () => happen(world, sim, event))
  if (mishap(world, 0.12)) later(world, late(), () => happen(world, sim, event))
}
