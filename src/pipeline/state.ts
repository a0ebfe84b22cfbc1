/** What can be derived from a run. Nothing here is stored. */
import type { JobId, LegKey, StepId } from '../contract/ids.ts'
import type { Leg, Run, Step, Wait } from './model.ts'
import type { LegHead, StepOutput, StepOutputOf } from './outputs.ts'

/** The states a run is shown in (RUN-1). */
export const SHOWN_STATES = ['queued', 'running', 'waiting', 'paused', 'done', 'failed', 'stopped'] as const
export type ShownState = (typeof SHOWN_STATES)[number]

/** The step that is being worked on or waited for, if any. */
export function activeStep(run: Run): (Step & { status: { state: 'active'; wait: Wait } }) | null {
  for (const step of run.steps) {
    const { status } = step
    if (status.state === 'active') return { ...step, status }
  }
  return null
}

/** What the run waits for now, or null when it is not active. */
export function currentWait(run: Run): Wait | null {
  return activeStep(run)?.status.wait ?? null
}

/** The jobs that a wait is for. */
export function awaitedJobs(wait: Wait | null): readonly JobId[] {
  switch (wait?.for) {
    case 'job':
      return [wait.job]
    case 'jobs':
    case 'calls':
      return wait.jobs
    default:
      return []
  }
}

/** The effect whose answer a wait is for. */
export function awaitedEffect(wait: Wait | null): string | null {
  return wait?.for === 'effect' || wait?.for === 'calls' ? wait.effect : null
}

/** A run is live from its creation until it is done, failed or stopped; a paused one is. */
export function isLive(run: Run): boolean {
  return run.status.state === 'queued' || run.status.state === 'active' || run.status.state === 'paused'
}

/** The state to show: an active run is `running` while a machine works, `waiting` while something outside must happen. */
export function shownState(run: Run): ShownState {
  // A person closed a pull request and is asked what to do: the run waits for them.
  if (run.status.state === 'paused' && run.status.cause === 'pull-closed') return 'waiting'
  if (run.status.state !== 'active') return run.status.state
  const wait = currentWait(run)
  switch (wait?.for) {
    case 'checks':
    case 'mergeability':
    case 'person':
    case 'outside':
    case 'retry':
      return 'waiting'
    case 'job':
    case 'jobs':
    case 'calls':
    case 'effect':
    case undefined:
      return 'running'
  }
}

/** The step of this id; a pipeline is checked when the run starts, so a missing one is a fault of ours. */
export function stepOf(run: Run, id: StepId): Step {
  const step = run.steps.find((candidate) => candidate.id === id)
  if (step === undefined) throw new Error(`run ${run.id} has no step ${id}`)
  return step
}

/** The leg of this key; a missing one is a fault of ours. */
export function legOf(run: Run, key: LegKey): Leg {
  const leg = run.legs.find((candidate) => candidate.key === key)
  if (leg === undefined) throw new Error(`run ${run.id} has no leg ${key}`)
  return leg
}

/** The legs that carry work of the run: their work branch has a head, and nobody left them out. */
export function changedLegs(run: Run): (Leg & { head: NonNullable<Leg['head']> })[] {
  return run.legs.flatMap((leg) => (leg.head === null || leg.dropped ? [] : [{ ...leg, head: leg.head }]))
}

/** Whether a leg's pull request is the one that the run is about: somebody else's, which the run only looks at. */
export function isAdopted({ task }: Pick<Run, 'task'>, leg: Pick<Leg, 'repositoryId' | 'pull'>): boolean {
  return task.thread === 'pull' && leg.repositoryId === task.repositoryId && leg.pull?.number === task.number
}

/** Whether a dynamic workflow has begun in it: its calls may have left branches of their own. */
export function hasCalls({ steps }: Pick<Run, 'steps'>): boolean {
  return steps.some(({ kind, epoch }) => kind === 'workflow' && epoch > 0)
}

/** The changed legs that are not merged: what is still to be checked, reviewed and merged. */
export function openLegs(run: Run): (Leg & { head: NonNullable<Leg['head']> })[] {
  return changedLegs(run).filter((leg) => leg.mergedSha === null)
}

/** Where the changed legs stand, in the order of the run's legs. */
export function currentHeads(run: Run): LegHead[] {
  return changedLegs(run).map((leg) => ({ leg: leg.key, head: leg.head }))
}

/** The newest output of this kind that a step of the run yielded. */
export function latestOutput<K extends StepOutput['kind']>(run: Run, kind: K): StepOutputOf<K> | null {
  const outputs = run.steps.flatMap((step) => (step.output === null ? [] : [step.output]))
  return outputs.findLast((output): output is StepOutputOf<K> => output.kind === kind) ?? null
}
