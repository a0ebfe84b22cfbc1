/** One simulated task from its label to its end, with everything that can go wrong on the way. */
import { isLive, shownState } from '../../src/pipeline/state.ts'
import { BrokenInvariant } from '../support/core/audit.ts'
import { carryOut } from './effects.ts'
import { livePeople, sensible } from './people.ts'
import { startRun } from './start.ts'
import { createWorld, later, type SimRun, saw, standing, type World } from './world.ts'

/** More events than this in one simulated run can only be a circle. */
const MAX_EVENTS = 4_000
/** How often people try to bring a failed run to an end before they let it be. */
const PATIENCE = 6

/** How one simulated run went. */
export interface Simulated {
  seed: number
  events: number
  /** How its runs ended, in order: `done: merged`, `failed: ci`, `stopped`, … */
  ends: string[]
  seen: ReadonlyMap<string, number>
}

/** Simulates one task. @throws Error with the seed and the last happenings when an invariant breaks */
export function simulate(seed: number): Simulated {
  const world = createWorld(seed, carryOut)
  try {
    play(world)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const replay = `npm run simulate -- --runs 1 --seed ${seed}`
    throw new Error(`${why}\n\nReplay: ${replay}\nThe last happenings:\n${world.told.map((line) => line()).join('\n')}`, {
      cause: error,
    })
  }
  for (const sim of world.runs) saw(world, `pipeline ${sim.run.pipeline}: ${sim.run.status.state}`)
  return { seed, events: world.events, ends: world.runs.map(endOf), seen: world.seen }
}

function play(world: World): void {
  startRun(world)
  later(world, world.random.int(1_000, 300_000), () => livePeople(world))
  let tries = 0
  for (;;) {
    const next = world.agenda.take()
    if (next !== undefined) {
      world.now = Math.max(world.now, next.at)
      next.act()
      if (world.events > MAX_EVENTS) throw new BrokenInvariant('5', `no end after ${MAX_EVENTS} events`)
      continue
    }
    // Nothing is on its way: whoever is not at an end must be waiting for a person.
    const sim = world.runs.find(({ run }) => isLive(run)) ?? world.runs.at(-1)
    if (sim === undefined) return
    if (tries === 0) saw(world, `left to themselves: ${isLive(sim.run) ? shownState(sim.run) : endOf(sim)}`)
    const over = !isLive(sim.run) && (sim.run.status.state !== 'failed' || tries >= PATIENCE || !world.random.chance(0.6))
    if (over) break
    tries += 1
    if (!sensible(world, sim)) throw new BrokenInvariant('5', `wedged: ${standing(sim.run)}`)
    if (tries > 10 * PATIENCE) throw new BrokenInvariant('5', `people cannot bring it to an end: ${standing(sim.run)}`)
  }
  for (const sim of world.runs) settled(sim)
}

/** A run that says it merged has merged, everywhere. */
function settled({ run, branches }: SimRun): void {
  if (run.status.state !== 'done' || run.status.outcome !== 'merged') return
  for (const { key, head, dropped } of run.legs) {
    if (head !== null && !dropped && branches.get(key)?.pull?.state !== 'merged')
      throw new BrokenInvariant('10', `${key} is not merged`)
  }
}

function endOf({ run }: SimRun): string {
  const { status } = run
  if (status.state === 'done') return `done: ${status.outcome}`
  if (status.state === 'failed') return `failed: ${status.failure.cause}`
  return status.state
}
