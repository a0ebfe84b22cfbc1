/** The rules of a pipeline's shape (CFG-5), apart from what each kind demands of its own options. */
import type { StepConfig } from './model.ts'

/** One thing wrong with a pipeline; `path` leads to it from the list of steps. */
export interface PipelineFault {
  path: (string | number)[]
  message: string
}

/** Kinds whose output a companion can grade. */
const PRODUCERS = ['plan', 'agent']

/** Faults of shape: ids, order, and what must stand before what. Steps that are switched off do not count. */
export function checkShape(steps: readonly StepConfig[]): PipelineFault[] {
  const faults: PipelineFault[] = []
  const enabled = steps.map((step, index) => ({ step, index })).filter(({ step }) => step.enabled)
  if (enabled.length === 0) faults.push({ path: [], message: 'no step is enabled; a pipeline needs at least one' })

  const seen = new Map<string, number>()
  for (const [index, step] of steps.entries()) {
    const first = seen.get(step.id)
    if (first !== undefined)
      faults.push({ path: [index, 'id'], message: `the id "${step.id}" is taken by step ${first + 1}; ids are unique` })
    else seen.set(step.id, index)
  }

  for (const [position, { step, index }] of enabled.entries()) {
    const before = enabled[position - 1]
    if (step.kind === 'companion' && !PRODUCERS.includes(before?.step.kind ?? '')) {
      faults.push({
        path: [index],
        message: `the companion "${step.id}" must stand directly after the step it grades (${PRODUCERS.join(' or ')})`,
      })
    }
    const earlier = enabled.slice(0, position)
    if (step.kind === 'approval' && !earlier.some((other) => other.step.kind === 'plan')) {
      faults.push({ path: [index], message: `the approval "${step.id}" needs a plan before it` })
    }
    if ((step.kind === 'ci' || step.kind === 'merge') && !earlier.some((other) => makesCode(other.step))) {
      faults.push({ path: [index], message: `"${step.id}" needs an agent step in code mode before it` })
    }
  }

  const merges = enabled.filter(({ step }) => step.kind === 'merge')
  for (const { index } of merges.slice(1)) faults.push({ path: [index], message: 'a pipeline has one merge at most' })
  const merge = merges[0]
  if (merge !== undefined && merge !== enabled.at(-1)) {
    faults.push({ path: [merge.index], message: 'the merge is the last step' })
  }
  return faults
}

/** An agent step that pushes: its heads are what companions review and gates check. */
export function makesCode(step: StepConfig): boolean {
  return step.kind === 'agent' && (step.mode === undefined || step.mode === 'code')
}
