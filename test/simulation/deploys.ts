/** Simulated deployments, releases and tickets. */
import type { EffectOf } from '../../src/pipeline/effects.ts'
import type { DeploymentSeen, RunEvent, Signal } from '../../src/pipeline/events.ts'
import { BrokenInvariant } from '../support/core/audit.ts'
import { aPull } from '../support/core/results.ts'
import { branchOf } from './github.ts'
import { hint, mishap, type RealDeployment, type SimRun, saw, type World } from './world.ts'

/** Creates what is missing: one deployment per head and environment. */
export function createDeployments(world: World, sim: SimRun, effect: EffectOf<'create-deployments'>): RunEvent {
  const { random } = world
  const all = effect.legs.map(({ leg, head }) => {
    const key = `${leg}@${head}@${effect.environment}`
    const found = sim.deployments.get(key)
    if (found !== undefined) return found
    const endsAt = world.now + random.int(1_000, 900_000)
    const state = mishap(world, 0.25) ? 'failure' : 'success'
    const made: RealDeployment = { id: sim.deployments.size + 1, leg, head, environment: effect.environment, endsAt, state }
    sim.deployments.set(key, made)
    hint(world, sim, { type: 'deployments.changed', leg }, endsAt - world.now)
    return made
  })
  return { type: 'deployments.reported', effect: effect.id, deployments: all.map((each) => seen(world, each)) }
}

export function askDeployments(world: World, sim: SimRun, effect: EffectOf<'ask-deployments'>): RunEvent {
  const all = [...sim.deployments.values()]
  const found = effect.deployments.flatMap(({ id }) => all.filter((each) => each.id === id))
  if (found.length !== effect.deployments.length) throw new BrokenInvariant('10', 'a deployment is asked for that is not there')
  return { type: 'deployments.reported', effect: effect.id, deployments: found.map((each) => seen(world, each)) }
}

function seen(world: World, { id, leg, head, environment, endsAt, state }: RealDeployment): DeploymentSeen {
  const over = endsAt <= world.now
  if (over) saw(world, `deployment: ${state}`)
  const url = over && state === 'success' ? `https://${leg.toLowerCase()}.example.com` : null
  return { leg, head, id, environment, state: over ? state : 'pending', url, description: '' }
}

/** A release shows no sign (in some tasks never one), good ones, or now and then a bad one. */
export function askRelease(world: World, effect: EffectOf<'ask-release'>): RunEvent {
  const { random } = world
  const dice = world.seed % 5 === 0 ? 0 : random.next()
  const state: Signal['state'] = dice < 0.45 ? 'pending' : mishap(world, 0.15) ? 'bad' : 'good'
  const signals: Signal[] = dice < 0.2 ? [] : [{ source: 'probe', name: 'probe', state, detail: '' }]
  return { type: 'release.reported', effect: effect.id, signals }
}

/** Files one issue per step, ever. */
export function fileTicket(sim: SimRun, effect: EffectOf<'file-ticket'>): RunEvent {
  const number = sim.tickets.get(effect.step) ?? 100 + sim.tickets.size
  sim.tickets.set(effect.step, number)
  const { repository } = effect
  return {
    type: 'ticket.filed',
    effect: effect.id,
    repository,
    number,
    url: `https://github.com/${repository}/issues/${number}`,
  }
}

export function fileFollowUp(sim: SimRun, { id, followUp }: EffectOf<'file-follow-up'>): RunEvent {
  const { repository } = sim.run.task
  const number = sim.tickets.get(followUp) ?? 100 + sim.tickets.size
  sim.tickets.set(followUp, number)
  const url = `https://github.com/${repository}/issues/${number}`
  return { type: 'follow-up.filed', effect: id, followUp, repository, number, url }
}

/** Opens, or finds, what takes merged pull requests back. */
export function openReverts(world: World, sim: SimRun, effect: EffectOf<'open-reverts'>): RunEvent {
  const opened = effect.legs.map((leg) => {
    const branch = branchOf(world, sim, leg)
    if (branch.pull?.state !== 'merged') throw new BrokenInvariant('10', `${leg} is taken back and was never merged`)
    if (branch.revert === null) {
      world.pulls += 1
      branch.revert = world.pulls
    }
    return { leg, pull: aPull(branch.revert, { draft: false }) }
  })
  saw(world, 'merged pull requests taken back')
  const failed = opened.filter(() => mishap(world, 0.1)).map(({ leg }) => leg)
  return {
    type: 'reverts.opened',
    effect: effect.id,
    opened: opened.filter(({ leg }) => !failed.includes(leg)),
    failed: failed.map((leg) => ({ leg, failure: { cause: 'api', message: 'GitHub refused' } })),
  }
}
