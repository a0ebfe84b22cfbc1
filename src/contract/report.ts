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
export type CheckedCommand = z.infer<typeof CheckedCommand>

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

/** One axis of an estimate: from 0 (none) to 1 (as much as can be), with the reason. */
const Axis = z.looseObject({ value: z.number().min(0).max(1), why: z.string().min(1).max(2_000) })

/** What an estimator yields: all three axes, each with its reason (STP-3). */
export const Estimate = z.looseObject({ complexity: Axis, risk: Axis, impact: Axis })
export type Estimate = z.infer<typeof Estimate>

/** What a reader of the task found open. `critical` is no severity of a question. */
export const Finding = z.looseObject({
  kind: z.enum(['gap', 'clarification', 'assumption', 'risk', 'question']),
  severity: z.enum(['low', 'medium', 'high']),
  text: z.string().min(1).max(3_000),
  /** What the reader would take for the answer if nobody says otherwise. */
  suggestion: z.string().max(3_000).optional(),
})
export type Finding = z.infer<typeof Finding>

/** What the roles `requirements` and `clarity` yield: what is open, and the task's brief as far as it is settled. */
export const Findings = z.looseObject({
  brief: z.string().min(1).max(30_000),
  findings: z.array(Finding).max(20),
})
export type Findings = z.infer<typeof Findings>

/** Something that was seen, and where. */
export const Evidence = z.looseObject({
  text: z.string().min(1).max(5_000),
  repository: FullName.optional(),
  path: z.string().max(1_000).optional(),
  line: z.int().positive().optional(),
})
export type Evidence = z.infer<typeof Evidence>

/** What an investigator yields about a bug (STP-5). */
export const Diagnosis = z.looseObject({
  cause: z.string().min(1).max(10_000),
  /** From 0 (a guess) to 1 (shown). */
  confidence: z.number().min(0).max(1),
  evidence: z.array(Evidence).min(1).max(50),
  /** How to see the bug. */
  reproduction: z.string().max(10_000).optional(),
  /** What would mend it. */
  remedy: z.string().min(1).max(10_000),
})
export type Diagnosis = z.infer<typeof Diagnosis>

/** An artefact in Markdown: it, and not the talk about it, is what is reviewed and shown (STP-6). */
export const Artefact = z.looseObject({
  title: z.string().min(1).max(200),
  markdown: z.string().min(1).max(60_000),
})
export type Artefact = z.infer<typeof Artefact>

/** What a tester yields (STP-10). */
export const TestReport = z.looseObject({
  greenlight: z.boolean(),
  outcomes: z
    .array(z.looseObject({ name: z.string().min(1).max(500), ok: z.boolean(), detail: z.string().max(5_000).optional() }))
    .max(200),
  concerns: z.array(z.looseObject({ ...Evidence.shape, severity: Severity })).max(100),
})
export type TestReport = z.infer<typeof TestReport>

/** What somebody on call yields about a regression after a release (GATE-8). */
export const Regression = z.looseObject({
  /** How sure it is that this change is the culprit, 0 to 1. */
  confidence: z.number().min(0).max(1),
  recommendation: z.enum(['revert', 'hold', 'monitor']),
  evidence: z.array(Evidence).max(50),
})
export type Regression = z.infer<typeof Regression>

/** What a fixer says to each conversation of a review (GATE-7). */
export const ThreadAnswer = z.looseObject({
  /** The conversation's id, as it was given. */
  thread: z.string().min(1).max(200),
  /** `changed`: the code follows; `rebutted`: it does not, and the reply says why; `answered`: only a question. */
  outcome: z.enum(['changed', 'rebutted', 'answered']),
  reply: z.string().min(1).max(10_000),
})
export type ThreadAnswer = z.infer<typeof ThreadAnswer>

/** The shapes of report that a role can be asked for. */
export const ReportShape = z.enum([
  'work',
  'plan',
  'verdict',
  'estimate',
  'findings',
  'diagnosis',
  'artefact',
  'test',
  'regression',
  'threads',
  'result',
])
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
  estimate: Estimate.optional(),
  findings: Findings.optional(),
  diagnosis: Diagnosis.optional(),
  artefact: Artefact.optional(),
  test: TestReport.optional(),
  regression: Regression.optional(),
  threads: z.array(ThreadAnswer).max(100).optional(),
  /** What a workflow's script asked for, in the shape that it gave. */
  result: z.unknown().optional(),
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
export const REQUIRED_FIELD = {
  work: undefined,
  plan: 'plan',
  verdict: 'verdict',
  estimate: 'estimate',
  findings: 'findings',
  diagnosis: 'diagnosis',
  artefact: 'artefact',
  test: 'test',
  regression: 'regression',
  threads: 'threads',
  result: 'result',
} as const satisfies Record<ReportShape, ReportShape | undefined>

/** Largest report file that is read, in bytes. */
export const REPORT_MAX_BYTES = 1024 * 1024
