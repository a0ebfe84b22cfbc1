/** What a finished step yielded: one member per step kind. Later steps, prompts and renderings read these. */
import { z } from 'zod'
import { HeadSha, LegKey } from '../contract/ids.ts'
import {
  Artefact,
  CheckedCommand,
  Diagnosis,
  Estimate,
  Finding,
  Plan,
  Regression,
  TestReport,
  Verdict,
} from '../contract/report.ts'
import { PhaseCount } from './workflow.ts'

/** A leg's head at some moment. */
export const LegHead = z.object({ leg: LegKey, head: HeadSha })
export type LegHead = z.infer<typeof LegHead>

/** `hash` is short, over the plan's canonical text: an approval names it, a changed plan has another. */
export const PlanOutput = z.object({ kind: z.literal('plan'), plan: Plan, hash: z.string() })

export const AgentOutput = z.object({
  kind: z.literal('agent'),
  mode: z.enum(['explore', 'code']),
  summary: z.string(),
  /** A pull request's title, as the agent proposed it. */
  title: z.string().nullable(),
  /** Commands the agent ran to check its work. */
  checks: z.array(CheckedCommand),
  /** Set when there was nothing to do: the agent's reason. */
  noop: z.string().nullable(),
  heads: z.array(LegHead),
  /** What people should know: files left out, edits committed for the agent, options not honoured. */
  notes: z.array(z.string()),
  /** What a reviewer found, where the role's report is a verdict (the pipeline `review`). */
  verdict: Verdict.nullable().default(null),
})
export type AgentOutput = z.infer<typeof AgentOutput>

/** `text`: what the approver wrote beside the approval, handed to the steps after it. */
export const ApprovalOutput = z.object({
  kind: z.literal('approval'),
  hash: z.string(),
  by: z.string(),
  text: z.string().nullable(),
})

/** `by`: accepted by its rating, or by a person at the cap. */
export const CompanionOutput = z.object({
  kind: z.literal('companion'),
  verdict: Verdict,
  by: z.enum(['rating', 'person']),
  heads: z.array(LegHead),
  reworks: z.int().nonnegative(),
})

/** A failing check that a person went on with, at exactly this head (GATE-4). */
export const AcceptedCheck = z.object({ leg: LegKey, head: HeadSha, name: z.string() })
export type AcceptedCheck = z.infer<typeof AcceptedCheck>

export const CiOutput = z.object({
  kind: z.literal('ci'),
  heads: z.array(LegHead),
  fixes: z.int().nonnegative(),
  checks: z.int().nonnegative(),
  accepted: z.array(AcceptedCheck).default([]),
})

export const MergeOutput = z.object({ kind: z.literal('merge'), merged: z.array(LegHead) })

/** `heads`: what was assessed; empty before there is code. */
export const EstimateOutput = z.object({ kind: z.literal('estimate'), estimate: Estimate, heads: z.array(LegHead) })

/** A question as it was settled: answered by a person, dismissed, or left as it is (tolerated, or by proceeding). */
export const SettledFinding = z.object({
  id: z.string(),
  finding: Finding,
  how: z.enum(['answered', 'dismissed', 'open']),
  answer: z.string().nullable(),
  by: z.string().nullable(),
})
export type SettledFinding = z.infer<typeof SettledFinding>

/** `brief`: the task as it is understood now, with everything settled folded in. */
export const QuestionsOutput = z.object({
  kind: z.literal('questions'),
  brief: z.string(),
  settled: z.array(SettledFinding),
  rounds: z.int().nonnegative(),
})

export const DiagnosisOutput = z.object({ kind: z.literal('diagnosis'), diagnosis: Diagnosis })

/** `hash` is short, over the artefact's text: what an approval names. */
export const ArtefactOutput = z.object({ kind: z.literal('artefact'), artefact: Artefact, hash: z.string() })

export const TestOutput = z.object({
  kind: z.literal('test'),
  report: TestReport,
  by: z.enum(['tester', 'person']),
  heads: z.array(LegHead),
  rounds: z.int().positive(),
})

export const ValidateOutput = z.object({
  kind: z.literal('validate'),
  checks: z.array(CheckedCommand),
  heads: z.array(LegHead),
  attempts: z.int().nonnegative(),
})

export const ConflictsOutput = z.object({
  kind: z.literal('conflicts'),
  heads: z.array(LegHead),
  resolved: z.int().nonnegative(),
})

export const ReviewOutput = z.object({
  kind: z.literal('review'),
  heads: z.array(LegHead),
  approvedBy: z.array(z.string()),
  batches: z.int().nonnegative(),
  answered: z.int().nonnegative(),
  /** Whose remarks were shown and not followed, as they may not steer runs. */
  unheeded: z.array(z.string()).optional(),
})

/** `health`: `no-data` is said, not taken for health (GATE-8). */
export const ReleaseOutput = z.object({
  kind: z.literal('release'),
  health: z.enum(['healthy', 'no-data', 'regressed']),
  /** What was seen, a line each. */
  signals: z.array(z.string()),
  regression: Regression.nullable(),
})

export const TicketOutput = z.object({
  kind: z.literal('ticket'),
  repository: z.string(),
  number: z.int().positive(),
  url: z.url(),
  title: z.string(),
})

export const DeployOutput = z.object({
  kind: z.literal('deploy'),
  deployments: z.array(z.object({ leg: LegKey, head: HeadSha, environment: z.string(), url: z.string().nullable() })),
})

/** What each of the steps yielded that worked at the same time, in the order of the configuration. */
export const ParallelOutput = z.object({
  kind: z.literal('parallel'),
  results: z.array(z.object({ id: z.string(), role: z.string(), summary: z.string(), failed: z.string().nullable() })),
})

/** What a dynamic workflow's script gave back, as text; `title` where it named one. */
export const WorkflowOutput = z.object({
  kind: z.literal('workflow'),
  workflow: z.string(),
  title: z.string().nullable(),
  text: z.string(),
  phases: z.array(PhaseCount),
  heads: z.array(LegHead),
})
export type WorkflowOutput = z.infer<typeof WorkflowOutput>

export const StepOutput = z.discriminatedUnion('kind', [
  PlanOutput,
  AgentOutput,
  ApprovalOutput,
  CompanionOutput,
  CiOutput,
  MergeOutput,
  EstimateOutput,
  QuestionsOutput,
  DiagnosisOutput,
  ArtefactOutput,
  TestOutput,
  ValidateOutput,
  ConflictsOutput,
  ReviewOutput,
  ReleaseOutput,
  TicketOutput,
  DeployOutput,
  ParallelOutput,
  WorkflowOutput,
])
export type StepOutput = z.infer<typeof StepOutput>
export type StepOutputOf<K extends StepOutput['kind']> = Extract<StepOutput, { kind: K }>
