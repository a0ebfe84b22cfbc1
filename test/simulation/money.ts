/** Simulated spending: agents call models, and the store's books are kept in the world. */
import type { EffectOf } from '../../src/pipeline/effects.ts'
import type { Run } from '../../src/pipeline/model.ts'
import { awaitedJobs, currentWait } from '../../src/pipeline/state.ts'
import { BrokenInvariant } from '../support/core/audit.ts'
import { happen, later, mishap, type SimRun, saw, type World } from './world.ts'

/** The most that one call can cost, in USD. */
const MOST_USD = 0.8
/** Amounts are sums of floating numbers. */
const EPSILON_USD = 1e-6

/** Has a job's agent call models while it works, in `works` ms. */
export function callModels(world: World, sim: SimRun, effect: EffectOf<'enqueue-job'>, works: number): void {
  if (effect.mode === 'validate') return
  const { random } = world
  const calls = random.int(0, 4)
  for (let call = 0; call < calls; call += 1) later(world, random.int(0, works), () => ask(world, sim, effect))
}

/** Check and charge: refused for a job that nobody waits for, kept free where it fits, else the run hears of it. */
function ask(world: World, sim: SimRun, { job }: EffectOf<'enqueue-job'>): void {
  const { random } = world
  const { run, money } = sim
  const stale = run.status.state !== 'active' || !awaitedJobs(currentWait(run)).includes(job) || sim.jobs.get(job)?.cancelled
  if (stale) return
  const mostUsd = random.int(1, MOST_USD * 100) / 100
  const limitUsd = limitOf(run)
  if (mishap(world, 0.01)) {
    const stand = { scope: 'repository', usedUsd: 100, limitUsd: 100, nextUsd: mostUsd, raisable: false } as const
    happen(world, sim, { type: 'budget.reached', job, stand })
    later(world, random.int(60_000, 30_000_000), () => happen(world, sim, { type: 'budget.room' }))
    return
  }
  if (money.spentUsd + money.reservedUsd + mostUsd > limitUsd + EPSILON_USD) {
    if (money.spentUsd + mostUsd <= limitUsd) {
      saw(world, 'a call waited for others')
      return
    }
    const stand = { scope: 'run', usedUsd: money.spentUsd, limitUsd, nextUsd: mostUsd, raisable: true } as const
    // Heard of late: the job may be over by then.
    later(world, mishap(world, 0.2) ? random.int(0, 60_000) : 0, () =>
      happen(world, sim, { type: 'budget.reached', job, stand }),
    )
    return
  }
  money.reservedUsd += mostUsd
  kept(sim)
  // A runner that died tells nothing: the sweep charges the most that it can have been.
  const orphan = mishap(world, 0.05)
  const costUsd = orphan ? mostUsd : (mostUsd * random.int(1, 100)) / 100
  if (orphan) saw(world, 'a call without an end')
  later(world, orphan ? 60_000 : random.int(500, 60_000), () => charge(world, sim, { mostUsd, costUsd }))
}

function charge(world: World, sim: SimRun, { mostUsd, costUsd }: { mostUsd: number; costUsd: number }): void {
  const { money } = sim
  const limitUsd = limitOf(sim.run)
  const before = money.spentUsd
  money.reservedUsd -= mostUsd
  money.spentUsd += costUsd
  kept(sim)
  if (before >= limitUsd * 0.8 || money.spentUsd < limitUsd * 0.8) return
  const stand = { scope: 'run', usedUsd: money.spentUsd, limitUsd, raisable: true } as const
  happen(world, sim, { type: 'budget.near', stand })
}

/** 6: whatever happens, what is spent and what is kept free stay within what the run has. */
function kept({ run, money: { spentUsd, reservedUsd } }: SimRun): void {
  if (spentUsd + reservedUsd > limitOf(run) + EPSILON_USD)
    throw new BrokenInvariant('6', `${spentUsd} USD are spent and ${reservedUsd} kept free, of ${limitOf(run)}`)
}

function limitOf({ settings, budget }: Run): number {
  return (settings.budgets.run ?? Number.POSITIVE_INFINITY) + (budget?.addedUsd ?? 0)
}
