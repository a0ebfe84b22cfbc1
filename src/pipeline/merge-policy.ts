/** Whether a change set may merge without a person (CS-7). Pure; it never says yes where anything is unknown. */
import type { Estimate } from '../contract/report.ts'
import type { Leg, Run } from './model.ts'
import type { LegHead } from './outputs.ts'
import type { MergePolicy } from './run-settings.ts'
import { currentHeads } from './state.ts'

const AXES = ['complexity', 'risk', 'impact'] as const
/** Most protected paths that a reason names. */
const PATHS_NAMED = 5

export interface PolicyQuestion {
  /** Absent: a person merges. */
  policy: MergePolicy | undefined
  /** The assessment of exactly the heads below; null where there is none. */
  estimate: Estimate | null
  /** The legs that carry work. */
  legs: readonly Pick<Leg, 'repository' | 'head' | 'changes'>[]
}

/** Why a person has to merge, a clause each; empty where the policy allows it without. */
export function policyReasons({ policy, estimate, legs }: PolicyQuestion): string[] {
  if (policy === undefined) return ['the configuration has no merge policy']
  return [...assessed(policy, estimate), ...known(legs), ...untouched(legs), ...allowed(policy, legs), ...small(policy, legs)]
}

function assessed(policy: MergePolicy, estimate: Estimate | null): string[] {
  if (estimate === null) return ['there is no assessment of the current commits']
  return AXES.flatMap((axis) => {
    const { value, why } = estimate[axis]
    if (why.trim() === '') return [`the assessment gives no reason for its ${axis}`]
    // Written so that a value that is no number is over the ceiling as well.
    return value <= policy[axis] ? [] : [`${axis} ${value} is over ${policy[axis]}`]
  })
}

/** What was measured for another head says nothing of this one. */
function known(legs: PolicyQuestion['legs']): string[] {
  if (legs.length === 0) return ['nothing is known of what changed']
  return legs
    .filter(({ changes, head }) => head === null || changes?.head !== head)
    .map(({ repository }) => `what the current commit of ${repository} changes was not measured`)
}

function untouched(legs: PolicyQuestion['legs']): string[] {
  return legs.flatMap(({ repository, changes }) => {
    const paths = changes?.protectedPaths ?? []
    if (paths.length === 0) return []
    const more = paths.length > PATHS_NAMED ? ` and ${paths.length - PATHS_NAMED} more` : ''
    return [`protected in ${repository}: ${paths.slice(0, PATHS_NAMED).join(', ')}${more}`]
  })
}

function allowed(policy: MergePolicy, legs: PolicyQuestion['legs']): string[] {
  const classes = new Set(legs.flatMap(({ changes }) => changes?.classes ?? []))
  const refused = [...classes].filter((each) => !policy.classes.includes(each)).toSorted()
  return refused.length === 0 ? [] : [`changes of the class ${refused.join(', ')} are left to a person`]
}

function small(policy: MergePolicy, legs: PolicyQuestion['legs']): string[] {
  const files = legs.reduce((sum, { changes }) => sum + (changes?.files ?? 0), 0)
  const lines = legs.reduce((sum, { changes }) => sum + (changes?.lines ?? 0), 0)
  return [
    ...(files <= policy.maxFiles ? [] : [`${files} files are more than ${policy.maxFiles}`]),
    ...(lines <= policy.maxLines ? [] : [`${lines} lines are more than ${policy.maxLines}`]),
  ]
}

/** The newest assessment of exactly the heads as they are now, `own` taken for the newest; null where there is none. */
export function currentEstimate(run: Run, own: { estimate: Estimate; heads: LegHead[] } | null): Estimate | null {
  const heads = currentHeads(run)
  const outputs = run.steps.flatMap(({ output }) => (output?.kind === 'estimate' ? [output] : []))
  const same = (other: readonly LegHead[]) =>
    other.length === heads.length &&
    heads.every(({ leg, head }) => other.some((each) => each.leg === leg && each.head === head))
  return [...outputs, ...(own === null ? [] : [own])].findLast((each) => same(each.heads))?.estimate ?? null
}
