/** What a finished step yielded: one member per step kind. Later steps, prompts and renderings read these. */
import { z } from 'zod'
import { HeadSha, LegKey } from '../contract/ids.ts'
import { CheckedCommand, Plan, Verdict } from '../contract/report.ts'

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

export const CiOutput = z.object({
  kind: z.literal('ci'),
  heads: z.array(LegHead),
  fixes: z.int().nonnegative(),
  checks: z.int().nonnegative(),
})

export const MergeOutput = z.object({ kind: z.literal('merge'), merged: z.array(LegHead) })

export const StepOutput = z.discriminatedUnion('kind', [
  PlanOutput,
  AgentOutput,
  ApprovalOutput,
  CompanionOutput,
  CiOutput,
  MergeOutput,
])
export type StepOutput = z.infer<typeof StepOutput>
export type StepOutputOf<K extends StepOutput['kind']> = Extract<StepOutput, { kind: K }>
