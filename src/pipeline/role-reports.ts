/** Which shape of report each role leaves, and which one a kind of step can read: the two must fit (CFG-5). */
import { z } from 'zod'
import type { ReportShape } from '../contract/report.ts'
import type { StepConfig } from './model.ts'
import type { PipelineFault } from './shape.ts'

/** What the front matter of every role's prompt says; a test holds the two together. */
export const ROLE_REPORTS: Readonly<Record<string, ReportShape>> = {
  planner: 'plan',
  coder: 'work',
  reviewer: 'verdict',
  fixer: 'work',
  estimator: 'estimate',
  requirements: 'findings',
  clarity: 'findings',
  investigator: 'diagnosis',
  writer: 'artefact',
  analyst: 'artefact',
  researcher: 'work',
  tester: 'test',
  resolver: 'work',
  oncall: 'regression',
  responder: 'threads',
}

/** What a kind reads from the report of each role that it names. Kinds that are not here take what comes. */
const NEEDED: Readonly<Record<string, Partial<Record<'role' | 'fixer', ReportShape>>>> = {
  plan: { role: 'plan' },
  companion: { role: 'verdict' },
  ci: { role: 'work' },
  review: { role: 'threads' },
  merge: { role: 'estimate' },
  estimate: { role: 'estimate' },
  questions: { role: 'findings' },
  investigate: { role: 'diagnosis' },
  document: { role: 'artefact' },
  test: { role: 'test', fixer: 'work' },
  conflicts: { role: 'work' },
  release: { role: 'regression' },
}

const Named = z.looseObject({ role: z.string().optional(), fixer: z.string().optional() })

/** Roles whose report the step that names them could not read. A role that there is not is another fault. */
export function checkRoleReports(steps: readonly StepConfig[]): PipelineFault[] {
  return steps.flatMap((step, index) => {
    const named = Named.safeParse(step)
    const needed = NEEDED[step.kind]
    if (!named.success || needed === undefined) return []
    return (['role', 'fixer'] as const).flatMap((option): PipelineFault[] => {
      const role = named.data[option]
      const shape = needed[option]
      const left = role === undefined ? undefined : ROLE_REPORTS[role]
      if (role === undefined || shape === undefined || left === undefined || left === shape) return []
      return [{ path: [index, option], message: mismatch(step.kind, role, shape, left) }]
    })
  })
}

/** The roles that a kind of step can be given; all of them where it takes what comes. */
export function rolesThatFit(kind: string, option: 'role' | 'fixer'): string[] {
  const needed = NEEDED[kind]?.[option]
  return Object.entries(ROLE_REPORTS).flatMap(([role, shape]) => (needed === undefined || needed === shape ? [role] : []))
}

function mismatch(kind: string, role: string, needed: ReportShape, left: ReportShape): string {
  const fit = Object.keys(ROLE_REPORTS).filter((name) => ROLE_REPORTS[name] === needed)
  return `a step "${kind}" reads a report of the shape "${needed}", and the role "${role}" leaves one of the shape "${left}"; roles that fit: ${fit.join(', ')}`
}
