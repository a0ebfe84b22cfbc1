/** Why a step is passed over: its thresholds are not reached, or its kind has nothing to do in this run. */
import { stepKind } from './definitions.ts'
import type { Run, Step } from './model.ts'
import { latestOutput } from './state.ts'

/** The reason, for people; null: the step is to be entered. */
export function unneeded(run: Run, step: Step): string | null {
  return underThresholds(run, step) ?? stepKind(step.kind).unneeded(run, step)
}

/** A gated step runs if any axis is at or over its threshold, and where there is no estimate (STP-3). */
function underThresholds(run: Run, step: Step): string | null {
  const { when } = step.config
  const estimate = latestOutput(run, 'estimate')?.estimate
  if (when === undefined || estimate === undefined) return null
  const axes = (['complexity', 'risk', 'impact'] as const).flatMap((axis) => {
    const threshold = when[axis]
    return threshold === undefined ? [] : [{ axis, threshold, value: estimate[axis].value }]
  })
  if (axes.length === 0 || axes.some(({ value, threshold }) => value >= threshold)) return null
  return `the estimate is under its thresholds: ${axes.map(({ axis, value, threshold }) => `${axis} ${value} < ${threshold}`).join(', ')}`
}
