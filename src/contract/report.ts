import { z } from 'zod'
import { FullName } from './ids.ts'

/** How severe a finding is. */
export const Severity = z.enum(['low', 'medium', 'high', 'critical'])
export type Severity = z.infer<typeof Severity>

/** One command the agent ran to check its work. */
export const CheckedCommand = z.looseObject({
  command: z.string().max(2_000),
  ok: z.boolean(),
  output: z.string().max(10_000).optional(),
})

/** What a planner yields. Repositories are named as `owner/name`. */
export const Plan = z.looseObject({
  summary: z.string().min(1).max(10_000),
  repositories: z
    .array(
      z.looseObject({ repository: FullName, role: z.enum(['provider', 'consumer', 'reference']), why: z.string().max(2_000) }),
    )
    .min(1)
    .max(20),
  files: z.array(z.looseObject({ repository: FullName, path: z.string().max(1_000), change: z.string().max(1_000) })).max(300),
  risks: z.array(z.string().max(2_000)).max(50),
  testPlan: z.array(z.string().max(2_000)).max(50),
  mergeOrder: z.array(FullName).max(20),
  openQuestions: z.array(z.string().max(2_000)).max(20),
})
export type Plan = z.infer<typeof Plan>

/** One remark of a companion or reviewer; with a place it becomes an annotation of the check run. */
export const ReviewComment = z.looseObject({
  body: z.string().min(1).max(5_000),
  severity: Severity.default('medium'),
  repository: FullName.optional(),
  path: z.string().max(1_000).optional(),
  line: z.int().positive().optional(),
})
export type ReviewComment = z.infer<typeof ReviewComment>

/** What a companion yields about its producer's work. `rating` runs from 0 (unusable) to 1 (nothing to add). */
export const Verdict = z.looseObject({
  rating: z.number().min(0).max(1),
  summary: z.string().min(1).max(10_000),
  comments: z.array(ReviewComment).max(100),
})
export type Verdict = z.infer<typeof Verdict>

/** The shapes of report that a role can be asked for. */
export const ReportShape = z.enum(['work', 'plan', 'verdict'])
export type ReportShape = z.infer<typeof ReportShape>

const common = {
  /** The nonce the job was given. A report with another one was not written for this job and is void. */
  nonce: z.string(),
  summary: z.string().min(1).max(20_000),
  needs_rerun: z.boolean().optional(),
  retryable: z.boolean().optional(),
  failure_class: z.string().max(100).optional(),
  /** A pull request's title, as a person would write it. */
  title: z.string().max(200).optional(),
  checks: z.array(CheckedCommand).max(100).optional(),
  legs: z
    .array(z.looseObject({ repository: FullName, notes: z.string().max(10_000) }))
    .max(50)
    .optional(),
  plan: Plan.optional(),
  verdict: Verdict.optional(),
}

/** The report an agent writes at its end. Unknown fields are kept; known ones are strict. */
export const Report = z.discriminatedUnion('status', [
  z.looseObject({ status: z.literal('success'), ...common }),
  z.looseObject({ status: z.literal('partial'), ...common }),
  z.looseObject({ status: z.literal('failed'), ...common }),
  z.looseObject({ status: z.literal('noop'), reason: z.string().min(1).max(5_000), ...common }),
  z.looseObject({
    status: z.literal('needs-decision'),
    question: z.string().min(1).max(5_000),
    options: z.array(z.string().min(1).max(1_000)).min(2).max(10),
    ...common,
  }),
])
export type Report = z.infer<typeof Report>

/** The field that a report of this shape must carry when its status is success or partial. */
export const REQUIRED_FIELD = { work: undefined, plan: 'plan', verdict: 'verdict' } as const satisfies Record<
  ReportShape,
  'plan' | 'verdict' | undefined
>

/** Largest report file that is read, in bytes. */
export const REPORT_MAX_BYTES = 1024 * 1024
