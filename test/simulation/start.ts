/** How a run comes to be in the simulated world: an issue is labelled, a pipeline is chosen, a place becomes free. */
import { BUILT_IN_CONFIGURATION } from '../../src/config/defaults.ts'
import { stepConfigs } from '../../src/config/steps.ts'
import { RunId } from '../../src/contract/ids.ts'
import type { Run, StepConfig } from '../../src/pipeline/model.ts'
import { newRun } from '../../src/pipeline/new-run.ts'
import { MergePolicy, type RunSettings } from '../../src/pipeline/run-settings.ts'
import { isLive } from '../../src/pipeline/state.ts'
import { aStep, aTask, REPOSITORIES, START, someSettings } from '../support/core/build.ts'
import type { Random } from './random.ts'
import { addRun, happen, later, saw, type World } from './world.ts'

/** Parsed once: two million runs begin with them. */
const TASK = aTask()
const SETTINGS = someSettings({
  protectedPaths: ['.github/**'],
  validation: [{ name: 'tests', run: 'npm test', timeoutMs: 60_000 }],
})
const BUILT_IN = Object.entries(BUILT_IN_CONFIGURATION.pipelines).map(([name, steps]) => ({
  name,
  // Here every pull request is made by the run: an agent stands in for its author.
  steps: [...(BUILT_IN_CONFIGURATION.onPullRequests.includes(name) ? [aStep('agent', 'author')] : []), ...stepConfigs(steps)],
}))

/** Labels the issue: refused while a run of it is live. */
export function startRun(world: World): void {
  const { random } = world
  if (world.runs.some(({ run }) => isLive(run))) {
    saw(world, 'a second start refused')
    return
  }
  if (world.runs.length > 0) saw(world, 'started again')
  const { name, steps } = aPipeline(random)
  const settings: RunSettings = {
    ...SETTINGS,
    merge: { by: random.pick(['auto', 'auto', 'person', 'policy']), method: 'squash', policy: aPolicy(random) },
    noChecksGraceMs: random.pick([0, 90_000, 600_000]),
    escalateMs: random.pick([60_000, 7_200_000]),
    budgets: random.pick([{}, { run: 3, runCeiling: 500 }, { run: 2, runCeiling: 8 }]),
    retry: { cap: random.int(0, 3), infrastructure: random.int(0, 5), gapMs: random.pick([0, 120_000]) },
  }
  const run: Run = {
    ...newRun(
      { id: RunId.parse(`run${world.runs.length + 1}`), task: TASK, pipeline: name, steps, settings, legs: REPOSITORIES },
      START,
    ),
    createdAt: world.now,
  }
  const sim = addRun(world, run)
  later(world, random.int(0, 60_000), () => happen(world, sim, { type: 'run.admitted' }))
}

/** Sometimes generous, sometimes one that hardly anything passes. */
function aPolicy(random: Random): MergePolicy {
  const ceiling = random.pick([0.5, 1, 1])
  return MergePolicy.parse({ complexity: ceiling, risk: ceiling, impact: ceiling, maxFiles: random.pick([1, 50]) })
}

/** A built-in pipeline, or one of our own making with steps in every order that is allowed. */
function aPipeline(random: Random): { name: string; steps: StepConfig[] } {
  if (random.chance(0.5)) return random.pick(BUILT_IN)
  return { name: 'of our own', steps: ownPipeline(random) }
}

/** Who makes the change: an agent, or a workflow with or without one behind it. */
function workers(random: Random): StepConfig[] {
  const swarm = aStep('workflow', 'swarm', { workflow: 'swarm' })
  return random.chance(0.25) ? [swarm, aStep('agent', 'code')] : [aStep('agent', 'code')]
}

function ownPipeline(random: Random): StepConfig[] {
  const maybe = (chance: number, step: () => StepConfig): StepConfig | null => (random.chance(chance) ? step() : null)
  const planning = random.chance(0.7)
  const estimated = random.chance(0.3)
  const merging = random.chance(0.9)
  const gated = estimated && random.chance(0.5) ? { when: { risk: random.int(0, 10) / 10 } } : {}
  const steps = [
    maybe(0.2, () => aStep('questions', 'ask', { rounds: random.int(1, 3), tolerate: random.pick(['none', 'low', 'medium']) })),
    maybe(0.15, () => aStep('investigate')),
    maybe(0.15, () => aStep('document', 'spec')),
    maybe(0.2, () => aStep('parallel', 'look', { steps: ['a', 'b', 'c'].map((id) => ({ id, role: 'researcher' })) })),
    maybe(0.1, () => aStep('ticket')),
    estimated ? aStep('estimate') : null,
    planning ? aStep('plan') : null,
    planning && random.chance(0.3) ? aStep('companion', 'plan-review', { reworks: random.int(0, 2) }) : null,
    planning && random.chance(0.7) ? aStep('approval', 'approval', gated) : null,
    ...workers(random),
    maybe(0.75, () => aStep('companion', 'review', { reworks: random.int(0, 3) })),
    maybe(0.25, () => aStep('test', 'test', { attempts: random.int(0, 3), ...gated })),
    maybe(0.35, () => aStep('validate', 'validate', { attempts: random.int(1, 3) })),
    maybe(0.15, () => aStep('deploy', 'preview')),
    maybe(0.4, () => aStep('conflicts', 'conflicts', { attempts: random.int(1, 3) })),
    maybe(0.85, () => aStep('ci', 'ci', { attempts: random.int(0, 3), reruns: random.int(0, 2) })),
    maybe(0.4, () => aStep('review', 'people', { batches: random.int(1, 4), approvals: random.int(0, 1) })),
    merging ? aStep('merge', 'merge', { autoMerge: random.chance(0.7) }) : null,
    merging && random.chance(0.2) ? aStep('deploy', 'live', { environment: 'production' }) : null,
    merging && random.chance(0.25)
      ? aStep('release', 'release', { probe: 'https://shop.example.com/', windowMinutes: 5 })
      : null,
  ]
  const all = steps.filter((step) => step !== null)
  // A ticket needs something before it.
  return all[0]?.kind === 'ticket' ? all.slice(1) : all
}
