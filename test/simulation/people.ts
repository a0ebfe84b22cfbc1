/** Simulated people: sensible ones who answer what is asked, and others who try everything at any time. */
import type { LegKey, StepId } from '../../src/contract/ids.ts'
import type { RunEvent } from '../../src/pipeline/events.ts'
import { changedLegs, currentWait, isLive } from '../../src/pipeline/state.ts'
import { openQuestions } from '../../src/pipeline/steps/questions.ts'
import { ALICE, BOB, stepId } from '../support/core/build.ts'
import { branchOf, merge, mergeableNow, pullHint, push } from './github.ts'
import { remark } from './reviews.ts'
import { startRun } from './start.ts'
import { happen, later, type SimRun, saw, type World } from './world.ts'

type Command = Extract<RunEvent, { actor: unknown }>

const VERBS = [
  'approve',
  'changes',
  'reject',
  'retry',
  'restart',
  'extra-round',
  'proceed',
  'merge',
  'stop',
  'pause',
  'resume',
  'skip',
  'answer',
  'revert',
  'tell',
  'budget',
] as const

/** Somebody does something now and then, until they have done enough; then the world calms down. */
export function livePeople(world: World): void {
  if (world.actsLeft <= 0) {
    world.calm = true
    for (const { branches } of world.runs) for (const branch of branches.values()) branch.hopeless = false
    return
  }
  world.actsLeft -= 1
  const sim = world.random.chance(0.9) ? world.runs.at(-1) : world.random.pick(world.runs)
  if (sim !== undefined) act(world, sim)
  later(world, world.random.int(1_000, world.random.chance(0.7) ? 400_000 : 9_000_000), () => livePeople(world))
}

function act(world: World, sim: SimRun): void {
  const dice = world.random.next()
  if (dice < 0.45) sensible(world, sim)
  else if (dice < 0.7) command(world, sim, anything(world, sim))
  else if (dice < 0.93) onGitHub(world, sim)
  else startRun(world)
}

function command(world: World, sim: SimRun, event: Command): void {
  // The shell's to refuse: bringing a failed run back to life while a newer one of its issue lives (a unique index says so too).
  if (!isLive(sim.run) && world.runs.some(({ run }) => isLive(run))) {
    saw(world, 'command to an old run refused while a newer one lives')
    return
  }
  saw(world, `said ${event.type.slice('command.'.length)}`)
  happen(world, sim, event)
}

function said(world: World, verb: (typeof VERBS)[number], sim: SimRun): Command {
  const { random } = world
  const by = {
    actor: random.chance(0.7) ? ALICE : BOB,
    trigger: { kind: 'comment', commentId: world.events + 1, index: 0 },
  } as const
  switch (verb) {
    case 'approve':
      return { type: 'command.approve', ...by, hash: random.pick([null, '0000000', planHash(sim)]), text: null }
    case 'changes':
      return { type: 'command.changes', ...by, text: 'not like this' }
    case 'tell':
      return { type: 'command.tell', ...by, text: 'use Money' }
    case 'reject':
      return { type: 'command.reject', ...by, why: random.pick(['', 'no']) }
    case 'restart':
      return { type: 'command.restart', ...by, step: aStepOf(world, sim) }
    case 'skip':
      return { type: 'command.skip', ...by, step: aStepOf(world, sim), why: random.pick(['', 'not needed']) }
    case 'pause':
      return { type: 'command.pause', ...by, why: '', cause: random.pick(['person', 'person', 'installation']) }
    case 'resume':
      if (!random.chance(0.2)) return { type: 'command.resume', ...by }
      return { type: 'command.resume', ...by, edited: { workflows: { swarm: `edition ${world.events}` }, replays: 1 } }
    case 'answer': {
      const id = random.pick([null, 'Q1', 'Q2', '1', 'Q99'])
      return { type: 'command.answer', ...by, id, text: random.pick(['', 'yes', '2']), dismiss: random.chance(0.3) }
    }
    case 'budget':
      return { type: 'command.budget', ...by, addUsd: random.pick([0.01, 1, 5]) }
    case 'revert':
      return { type: 'command.revert', ...by }
    case 'stop':
      return { type: 'command.stop', ...by, why: 'enough', ...(random.chance(0.3) ? { clean: true } : {}) }
    case 'retry':
      return { type: 'command.retry', ...by }
    case 'extra-round':
      return { type: 'command.extra-round', ...by }
    case 'proceed':
      return { type: 'command.proceed', ...by }
    case 'merge':
      return { type: 'command.merge', ...by }
  }
}

function anything(world: World, sim: SimRun): Command {
  const verb = world.random.pick(VERBS)
  return said(world, verb === 'stop' && world.random.chance(0.4) ? 'retry' : verb, sim)
}

function aStepOf(world: World, { run }: SimRun): StepId {
  const { random } = world
  return random.chance(0.05) ? stepId('nonsense') : random.pick(run.steps).id
}

/** The hash of what is to be approved: the plan or document last before the active step. */
function planHash({ run }: SimRun): string | null {
  const at = run.steps.findIndex(({ status }) => status.state === 'active')
  const guarded = run.steps[at]?.question?.output?.guarded
  if (guarded !== undefined) return guarded.hash
  const outputs = run.steps.slice(0, at === -1 ? undefined : at).map(({ output }) => output)
  const last = outputs.findLast((output) => output?.kind === 'plan' || output?.kind === 'artefact')
  return last?.kind === 'plan' || last?.kind === 'artefact' ? last.hash : null
}

/** Whether a person is asked about the guarded part of held work. */
function heldNow({ run }: SimRun): boolean {
  return run.steps.some(({ status, question }) => status.state === 'active' && question?.output?.guarded !== undefined)
}

/** Does what the run asks for; gives false when it asks for nothing. */
export function sensible(world: World, sim: SimRun): boolean {
  const { run } = sim
  const { random } = world
  if (run.status.state === 'failed') {
    mend(world, sim)
    command(world, sim, said(world, random.chance(0.85) ? 'retry' : 'restart', sim))
    return true
  }
  if (run.status.state === 'paused') {
    if (world.calm || random.chance(0.5)) mend(world, sim)
    if (sim.run.status.state === 'paused' && sim.run.status.cause === 'budget') pay(world, sim)
    if (sim.run.status.state === 'paused') command(world, sim, said(world, 'resume', sim))
    // It has all that the deployment lets it have.
    if (world.calm && sim.run.status.state === 'paused') command(world, sim, said(world, 'stop', sim))
    return true
  }
  const wait = currentWait(run)
  if (wait?.for !== 'person') return false
  const by = { actor: ALICE, trigger: { kind: 'dashboard' } } as const
  switch (wait.what) {
    case 'approve':
      if (random.chance(0.2) && !world.calm) command(world, sim, said(world, 'changes', sim))
      else command(world, sim, { type: 'command.approve', ...by, hash: planHash(sim), text: null })
      return true
    case 'cap':
      command(
        world,
        sim,
        said(world, random.pick(world.calm ? ['proceed', 'extra-round'] : ['proceed', 'extra-round', 'changes']), sim),
      )
      return true
    case 'evidence':
      command(
        world,
        sim,
        said(world, random.pick(world.calm ? ['extra-round', 'proceed'] : ['extra-round', 'retry', 'proceed']), sim),
      )
      return true
    case 'merge':
      command(world, sim, said(world, random.chance(0.9) || world.calm ? 'merge' : 'changes', sim))
      return true
    case 'answers':
      answerQuestions(world, sim)
      return true
    case 'decision':
      if (planHash(sim) !== null && heldNow(sim) && random.chance(0.7)) {
        command(world, sim, { type: 'command.approve', ...by, hash: planHash(sim), text: null })
        return true
      }
      command(world, sim, { type: 'command.answer', ...by, id: null, text: random.pick(['1', '2', 'both']), dismiss: false })
      return true
    case 'checkpoint':
      command(world, sim, { type: 'command.answer', ...by, id: null, text: random.pick(['1', 'yes']), dismiss: false })
      return true
    case 'regression':
      if (random.chance(0.4)) command(world, sim, said(world, 'revert', sim))
      command(world, sim, said(world, 'proceed', sim))
      return true
  }
}

/** Adds what brings it on, as far as it may have more. */
function pay(world: World, sim: SimRun): void {
  const by = { actor: ALICE, trigger: { kind: 'dashboard' } } as const
  command(world, sim, { type: 'command.budget', ...by, addUsd: world.random.pick(world.calm ? [5, 2, 1] : [0.01, 1, 5]) })
}

/** Answers what is open, one by one, or goes on without. */
function answerQuestions(world: World, sim: SimRun): void {
  const { random } = world
  const by = { actor: ALICE, trigger: { kind: 'dashboard' } } as const
  const step = sim.run.steps.find(({ status }) => status.state === 'active')
  const open = (step === undefined ? null : openQuestions(step)) ?? []
  const ids = open.filter(({ how }) => how === 'open').map(({ id }) => id)
  if (ids.length === 0 || random.chance(0.15)) command(world, sim, said(world, 'proceed', sim))
  for (const id of ids) {
    if (currentWait(sim.run)?.for !== 'person') return
    command(world, sim, { type: 'command.answer', ...by, id, text: 'yes', dismiss: random.chance(0.2) })
  }
}

/** Puts right on GitHub what a failed run complains of. */
function mend(world: World, sim: SimRun): void {
  for (const { key, pull } of changedLegs(sim.run)) {
    const branch = branchOf(world, sim, key)
    if (branch.pull?.state === 'closed') branch.pull.state = 'open'
    // Also where it was opened again and nobody heard of it: the sweep that compares with GitHub says so.
    if (pull?.state === 'closed' && branch.pull !== null) pullHint(world, sim, branch, ALICE.login)
    if (branch.conflict && branch.pull?.state === 'open') {
      branch.conflict = false
      push(world, sim, key, ALICE.login)
    }
  }
}

/** Pushes, merges, closes, reopens by hand; the base moves. */
function onGitHub(world: World, sim: SimRun): void {
  const { random } = world
  const open = [...sim.branches.values()].filter(({ pull }) => pull?.state === 'open')
  if (open.length === 0) {
    sensible(world, sim)
    return
  }
  const branch = random.pick(open)
  const dice = random.next()
  if (random.chance(0.35)) {
    remark(world, sim, branch)
  } else if (dice < 0.45) {
    saw(world, 'a person pushed')
    push(world, sim, branch.leg, ALICE.login)
  } else if (dice < 0.65) {
    if (mergeableNow(world, branch) === 'clean' || branch.pull?.draft === true) merge(world, sim, branch, ALICE.login)
  } else if (dice < 0.8) {
    if (branch.pull !== null) branch.pull.state = 'closed'
    branch.waiting = null
    saw(world, 'a person closed')
    pullHint(world, sim, branch, ALICE.login)
  } else {
    branch.conflict = true
    saw(world, 'the base moved')
  }
}

/** Somebody does something at the very moment at which a leg is being merged. */
export function meddle(world: World, sim: SimRun, leg: LegKey): void {
  const { random } = world
  const others = [...sim.branches.values()].filter(({ leg: key, pull }) => key !== leg && pull?.state === 'open')
  const dice = random.next()
  saw(world, 'meddled with a merge')
  if (dice < 0.2) push(world, sim, leg, BOB.login)
  else if (dice < 0.75 && others.length > 0) push(world, sim, random.pick(others).leg, BOB.login)
  else if (dice < 0.83) command(world, sim, said(world, 'stop', sim))
  else if (dice < 0.92) command(world, sim, said(world, 'pause', sim))
  else command(world, sim, said(world, 'restart', sim))
}
