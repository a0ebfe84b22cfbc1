import type { ReviewComment, Severity, Verdict } from '../contract/report.ts'
import type { Leg } from '../pipeline/model.ts'
import { safeTitle } from './safe-text.ts'

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

/** GitHub takes so many annotations in one request. */
export const MAX_ANNOTATIONS = 50
const MESSAGE_MAX_CHARS = 5_000
const PATH_MAX_CHARS = 1_000

const LEVELS = { low: 'notice', medium: 'warning', high: 'failure', critical: 'failure' } as const satisfies Record<
  Severity,
  Annotation['level']
>

/** Whether a comment is about this leg. One without a repository is about the only leg there is. */
export function concerns(comment: ReviewComment, leg: Leg, onlyLeg: boolean): boolean {
  if (comment.repository === undefined) return onlyLeg
  return comment.repository.toLowerCase() === leg.repository.toLowerCase()
}

/** A verdict's comments that have a place in this leg, as annotations. */
export function annotationsOf(verdict: Verdict | null, leg: Leg, onlyLeg: boolean): Annotation[] {
  const comments = verdict?.comments.filter((comment) => concerns(comment, leg, onlyLeg)) ?? []
  return comments.flatMap((comment) => annotation(comment) ?? []).slice(0, MAX_ANNOTATIONS)
}

function annotation({ path, line, body, severity }: ReviewComment): Annotation | null {
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
