/** The steps of a pipeline as a file writes them, and as the engine takes them. */
import { z } from 'zod'
import { checkPipeline, STEP_KINDS } from '../pipeline/definitions.ts'
import { StepConfig } from '../pipeline/model.ts'
import { checkRoleReports } from '../pipeline/role-reports.ts'
import { checkShape, type StartedOn } from '../pipeline/shape.ts'
import { type Fault, faultsOfIssue } from './explain-issue.ts'
import type { StepFile } from './file.ts'
import { ROLE_NAMES } from './file-roles.ts'
import { knownKeys } from './known-places.ts'
import { inWords, quoted, suggestion } from './nearest.ts'

/** A step without an id is called after its kind. */
export function stepConfigs(steps: readonly StepFile[]): StepConfig[] {
  return steps.map((step) => StepConfig.parse({ ...step, id: step.id ?? step.kind, enabled: step.enabled ?? true }))
}

/**
 * What is wrong with a pipeline, at its place in the list: the same that `checkPipeline` finds when a run starts (CFG-5),
 * with nearer words for a slip in a kind or an option.
 */
export function pipelineFaults(file: readonly StepFile[], on: StartedOn = 'issue'): Fault[] {
  const steps = stepConfigs(file)
  const options = steps.flatMap((step, index) => {
    const kind = STEP_KINDS.find((candidate) => candidate.kind === step.kind)
    if (kind === undefined) {
      const known = STEP_KINDS.map((candidate) => candidate.kind)
      return [{ path: [index, 'kind'], message: `there is no step kind ${quoted(step.kind)}; ${suggestion(step.kind, known)}` }]
    }
    const parsed = kind.config.safeParse(step, { reportInput: true })
    const faults = parsed.success
      ? []
      : parsed.error.issues.flatMap((issue) => faultsOfIssue(issue, kind.config, kindsThatTake))
    return faults.map(({ path, message }) => ({ path: [index, ...path], message }))
  })
  const faults = [
    ...options,
    ...steps.flatMap(roleFaults),
    ...[...checkRoleReports(steps), ...checkShape(steps, on)].map(({ path, message }) => ({ path, message: `${message}.` })),
  ]
  // What only `checkPipeline` knows must not slip through because this list is nicer to read.
  return faults.length > 0 ? faults : checkPipeline(steps, on)
}

/** The kinds of step that have an option; null where none has it. */
function kindsThatTake(option: string): string | null {
  const kinds = STEP_KINDS.filter(({ config }) => knownKeys(config, []).includes(option)).map(({ kind }) => quoted(kind))
  return kinds.length === 0 ? null : `a step of the kind ${inWords(kinds, 'or')} takes it.`
}

/** Every role that a step names is one of those there are; whether the kind takes a role at all, its own schema says. */
function roleFaults(step: StepConfig, index: number): Fault[] {
  return rolesOf(step).flatMap(({ path, role }) => {
    if (ROLE_NAMES.some((name) => name === role)) return []
    return [{ path: [index, ...path], message: `there is no role ${quoted(role)}; ${suggestion(role, ROLE_NAMES)}` }]
  })
}

const Inner = z.array(z.looseObject({ role: z.unknown() }))

/** The roles that a step names: its own, its fixer's, and those of the steps within it. */
function rolesOf({ role, fixer, steps }: StepConfig): { path: (string | number)[]; role: string }[] {
  const inner = Inner.safeParse(steps)
  const named = [
    { path: ['role'], role },
    { path: ['fixer'], role: fixer },
    ...(inner.success ? inner.data.map((step, at) => ({ path: ['steps', at, 'role'], role: step.role })) : []),
  ]
  return named.flatMap(({ path, role: name }) => (typeof name === 'string' ? [{ path, role: name }] : []))
}
