import type { ReviewComment, Severity, TestReport } from '../contract/report.ts'
import type { Leg, Step } from '../pipeline/model.ts'
import { safeTitle } from './safe-text.ts'
import { undecidedTest } from './undecided.ts'
import { verdictOfStep } from './verdict.ts'

/** One annotation of a check run, as GitHub's API takes it. */
export interface Annotation {
  path: string
  startLine: number
  endLine: number
  level: 'notice' | 'warning' | 'failure'
  title: string
  /** Plain text: annotations are not rendered as Markdown. */
  message: string
}

/** A report has no more remarks. GitHub takes 50 in one request; the others follow in further ones. */
export const MAX_ANNOTATIONS = 100
const MESSAGE_MAX_CHARS = 5_000
const PATH_MAX_CHARS = 1_000

const LEVELS = { low: 'notice', medium: 'warning', high: 'failure', critical: 'failure' } as const satisfies Record<
  Severity,
  Annotation['level']
>

/** A remark of a reviewer, or a concern of a tester. */
interface Remark {
  severity: Severity
  body: string
  repository?: string | undefined
  path?: string | undefined
  line?: number | undefined
}

/** Whether a remark is about this leg. One without a repository is about the only leg there is. */
export function concerns(remark: Pick<Remark, 'repository'>, leg: Leg, onlyLeg: boolean): boolean {
  if (remark.repository === undefined) return onlyLeg
  return remark.repository.toLowerCase() === leg.repository.toLowerCase()
}

/** What a step found that has a place in this leg, as annotations. */
export function annotationsOf(step: Step, leg: Leg, onlyLeg: boolean): Annotation[] {
  const remarks = remarksOf(step).filter((remark) => concerns(remark, leg, onlyLeg))
  return remarks.flatMap((remark) => annotation(remark) ?? []).slice(0, MAX_ANNOTATIONS)
}

function remarksOf(step: Step): readonly Remark[] {
  const report = testReportOf(step)
  if (report !== null) return report.concerns.map(({ text, ...concern }) => ({ ...concern, body: text }))
  const comments: readonly ReviewComment[] = verdictOfStep(step)?.comments ?? []
  return comments
}

/** A tester's newest report: the one a person is to decide on, else the one it passed with. */
export function testReportOf(step: Step): TestReport | null {
  return undecidedTest(step) ?? (step.output?.kind === 'test' ? step.output.report : null)
}

function annotation({ path, line, body, severity }: Remark): Annotation | null {
  const inside = path?.replace(/^(?:\.?\/)+/, '').slice(0, PATH_MAX_CHARS)
  if (inside === undefined || inside === '') return null
  return {
    path: inside,
    startLine: line ?? 1,
    endLine: line ?? 1,
    level: LEVELS[severity],
    title: `Severity: ${severity}`,
    message: safeTitle(body, MESSAGE_MAX_CHARS) || '(empty)',
  }
}
