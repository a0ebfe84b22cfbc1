/** The rules of a pipeline's shape (CFG-5), apart from what each kind demands of its own options. */
import type { StepConfig } from './model.ts'

/** One thing wrong with a pipeline; `path` leads to it from the list of steps. */
export interface PipelineFault {
  path: (string | number)[]
  message: string
}

/** Kinds whose output a companion can grade. */
const PRODUCERS = ['plan', 'agent', 'document', 'investigate']
/** Kinds whose output a person can approve by its hash. */
const APPROVABLE = ['plan', 'document']
/** Kinds that look at, or act on, what an agent pushed. */
const NEED_CODE = ['test', 'validate', 'conflicts', 'ci', 'review', 'merge']
/**
 * What a pipeline is started on. A pull request is code already, so on one nothing has to make any first; whose it is
 * decides on its merge.
 */
export type StartedOn = 'issue' | 'pull'

/** Kinds that may stand after the merge. */
const AFTER_MERGE = ['release', 'deploy', 'ticket']

/** Faults of shape: ids, order, and what must stand before what. Steps that are switched off do not count. */
export function checkShape(steps: readonly StepConfig[], on: StartedOn = 'issue'): PipelineFault[] {
  const faults: PipelineFault[] = []
  const enabled = steps.map((step, index) => ({ step, index })).filter(({ step }) => step.enabled)
  if (enabled.length === 0) faults.push({ path: [], message: 'no step is enabled; a pipeline needs at least one' })

  const seen = new Map<string, number>()
  for (const [index, step] of steps.entries()) {
    const first = seen.get(step.id)
    if (first !== undefined)
      faults.push({
        path: [index, 'id'],
        message: `the id "${step.id}" is taken by step ${first + 1}; give this one an id of its own`,
      })
    else seen.set(step.id, index)
  }

  for (const [position, { step, index }] of enabled.entries()) {
    const before = enabled[position - 1]
    if (step.kind === 'companion' && !PRODUCERS.includes(before?.step.kind ?? '')) {
      faults.push({
        path: [index],
        message: `the companion "${step.id}" must stand directly after the step it grades (${listed(PRODUCERS)})`,
      })
    }
    const earlier = enabled.slice(0, position)
    if (step.kind === 'approval') {
      const approvable = earlier.filter((other) => APPROVABLE.includes(other.step.kind))
      if (approvable.length === 0)
        faults.push({ path: [index], message: `the approval "${step.id}" needs a plan or a document before it` })
      else if (step.of !== undefined && !approvable.some((other) => other.step.id === step.of))
        faults.push({ path: [index, 'of'], message: `"${step.of}" is no plan and no document before "${step.id}"` })
    }
    if (step.when !== undefined && !earlier.some((other) => other.step.kind === 'estimate')) {
      faults.push({ path: [index, 'when'], message: `"${step.id}" is gated on an estimate, which must stand before it` })
    }
    if (step.kind === 'ticket' && earlier.length === 0) {
      faults.push({ path: [index], message: `the ticket "${step.id}" needs a step before it to take its text from` })
    }
    if (step.kind === 'release' && !earlier.some((other) => other.step.kind === 'merge')) {
      faults.push({ path: [index], message: `the release "${step.id}" needs a merge before it` })
    }
    if (on === 'issue' && NEED_CODE.includes(step.kind) && !earlier.some((other) => makesCode(other.step))) {
      faults.push({ path: [index], message: `"${step.id}" needs an agent step in code mode, or a workflow, before it` })
    }
  }

  const merges = enabled.filter(({ step }) => step.kind === 'merge')
  if (on === 'pull') {
    for (const { step, index } of merges)
      faults.push({ path: [index], message: `"${step.id}" would merge a pull request that is somebody else's` })
  }
  for (const { index } of merges.slice(1)) faults.push({ path: [index], message: 'a pipeline has one merge at most' })
  const merge = merges[0]
  const after = merge === undefined ? [] : enabled.slice(enabled.indexOf(merge) + 1)
  for (const { step, index } of after) {
    if (step.kind !== 'merge' && !AFTER_MERGE.includes(step.kind))
      faults.push({ path: [index], message: `"${step.id}" stands after the merge; only ${AFTER_MERGE.join(', ')} may` })
  }
  return faults
}

/** A step whose agents push, or may push: its heads are what companions review and gates check. */
export function makesCode(step: StepConfig): boolean {
  return step.kind === 'workflow' || (step.kind === 'agent' && (step.mode === undefined || step.mode === 'code'))
}

function listed(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}
