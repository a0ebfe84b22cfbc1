/** Simulated people: sensible ones who answer what is asked, and others who try everything at any time. */
import type { LegKey } from '../../src/contract/ids.ts'
import type { RunEvent } from '../../src/pipeline/events.ts'
import { changedLegs, currentWait, isLive } from '../../src/pipeline/state.ts'
import { ALICE, BOB, stepId } from '../support/core/build.ts'
import { branchOf, merge, mergeableNow, pullHint, push } from './github.ts'
import { startRun } from './start.ts'
import { happen, later, type SimRun, saw, type World } from './world.ts'

type Command = Extract<RunEvent, { actor: unknown }>

const VERBS = ['approve', 'changes', 'reject', 'retry', 'restart', 'extra-round', 'proceed', 'merge', 'stop'] as const
const STEPS = ['plan', 'plan-review', 'approval', 'code', 'review', 'ci', 'merge', 'nonsense']

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
    case 'reject':
      return { type: 'command.reject', ...by, why: random.pick(['', 'no']) }
    case 'restart':
      return { type: 'command.restart', ...by, step: stepId(random.pick(STEPS)) }
    case 'stop':
      return { type: 'command.stop', ...by, why: 'enough' }
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

function planHash({ run }: SimRun): string | null {
  const plan = run.steps.findLast(({ output }) => output?.kind === 'plan')?.output
  return plan?.kind === 'plan' ? plan.hash : null
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
  const wait = currentWait(run)
  if (wait?.for !== 'person') return false
  const by = { actor: ALICE, trigger: { kind: 'dashboard' } } as const
  switch (wait.what) {
    case 'approve':
      if (random.chance(0.2) && !world.calm) command(world, sim, said(world, 'changes', sim))
      else command(world, sim, { type: 'command.approve', ...by, hash: planHash(sim), text: null })
      return true
    case 'cap':
      command(world, sim, said(world, world.calm ? 'proceed' : random.pick(['proceed', 'extra-round', 'changes']), sim))
      return true
    case 'evidence':
      command(world, sim, said(world, world.calm ? 'extra-round' : random.pick(['extra-round', 'retry']), sim))
      return true
    case 'merge':
      command(world, sim, said(world, random.chance(0.9) || world.calm ? 'merge' : 'changes', sim))
      return true
    default:
      return false
  }
}

/** Puts right on GitHub what a failed run complains of. */
function mend(world: World, sim: SimRun): void {
  for (const { key } of changedLegs(sim.run)) {
    const branch = branchOf(world, sim, key)
    if (branch.pull?.state === 'closed') {
      branch.pull.state = 'open'
      pullHint(world, sim, branch, ALICE.login)
    }
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
  if (dice < 0.45) {
    saw(world, 'a person pushed')
    push(world, sim, branch.leg, ALICE.login)
  } else if (dice < 0.65) {
    if (mergeableNow(world, branch) === 'clean' || branch.pull?.draft === true) merge(world, sim, branch, ALICE.login)
  } else if (dice < 0.8) {
    if (branch.pull !== null) branch.pull.state = 'closed'
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
  else if (dice < 0.88) command(world, sim, said(world, 'stop', sim))
  else command(world, sim, said(world, 'restart', sim))
}
