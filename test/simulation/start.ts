/** How a run comes to be in the simulated world: an issue is labelled, a pipeline is chosen, a place becomes free. */
import type { StepConfig } from '../../src/pipeline/model.ts'
import { isLive } from '../../src/pipeline/state.ts'
import { aRun, aStep } from '../support/core/build.ts'
import type { Random } from './random.ts'
import { addRun, happen, later, saw, type World } from './world.ts'

/** Labels the issue: refused while a run of it is live. */
export function startRun(world: World): void {
  const { random } = world
  if (world.runs.some(({ run }) => isLive(run))) {
    saw(world, 'a second start refused')
    return
  }
  if (world.runs.length > 0) saw(world, 'started again')
  const run = aRun({
    id: `run${world.runs.length + 1}`,
    steps: aPipeline(random),
    settings: {
      merge: { by: random.pick(['auto', 'auto', 'person']), method: 'squash' },
      noChecksGraceMs: random.pick([0, 90_000, 600_000]),
      escalateMs: random.pick([60_000, 7_200_000]),
    },
  })
  const sim = addRun(world, { ...run, createdAt: world.now })
  later(world, random.int(0, 60_000), () => happen(world, sim, { type: 'run.admitted' }))
}

function aPipeline(random: Random): StepConfig[] {
  const planning = random.chance(0.8)
  const steps = [
    planning ? aStep('plan') : null,
    planning && random.chance(0.3) ? aStep('companion', 'plan-review', { reworks: random.int(0, 2) }) : null,
    planning && random.chance(0.7) ? aStep('approval') : null,
    aStep('agent', 'code'),
    random.chance(0.75) ? aStep('companion', 'review', { reworks: random.int(0, 3) }) : null,
    random.chance(0.85) ? aStep('ci', 'ci', { attempts: random.int(0, 3) }) : null,
    random.chance(0.9) ? aStep('merge') : null,
  ]
  return steps.filter((step) => step !== null)
}
