/**
 * The shape of a run, as it is stored and as `decide` sees it. Everything is a zod schema, so that what comes out of
 * the store is parsed, not believed. What can be derived is not stored: see `state.ts`.
 */
import { z } from 'zod'
import { BudgetStand } from '../contract/budget.ts'
import { Failure } from '../contract/failure.ts'
import { FOLLOW_UPS_MAX, FollowUp } from '../contract/follow-up.ts'
import { FullName, HeadSha, JobId, LegKey, RunId, StepId } from '../contract/ids.ts'
import { Usage } from '../contract/job.ts'
import { OutputLimits } from '../contract/output-limits.ts'
import { DENIED_MAX, DeniedHost } from '../contract/sandbox.ts'
import { StepOutput } from './outputs.ts'
import { ChangeClass, RunSettings } from './run-settings.ts'
import { Task } from './task.ts'

/** Milliseconds since the epoch. The core never asks for the time; it is told. */
export const Instant = z.int().nonnegative()
export type Instant = z.infer<typeof Instant>

/** A step as the configuration gives it: an id, a kind, and the kind's own options, checked by the kind's schema. */
export const StepConfig = z.looseObject({
  id: StepId,
  kind: z.string(),
  enabled: z.boolean().default(true),
  /** Nobody can skip it. */
  required: z.boolean().default(false).describe('`/yard skip` is refused for this step.'),
  /** The step runs only if an axis of the estimate is at or over its threshold; without an estimate it runs (STP-3). */
  when: z
    .strictObject({
      complexity: z.number().min(0).max(1).optional().describe('Runs at this complexity or more.'),
      risk: z.number().min(0).max(1).optional().describe('Runs at this risk or more.'),
      impact: z.number().min(0).max(1).optional().describe('Runs at this impact or more.'),
    })
    .optional()
    .describe('Thresholds, 0 to 1: the step runs only if an axis of the estimate before it is at or over its own.'),
})
export type StepConfig = z.infer<typeof StepConfig>

/** Text that sends a step to work again: from a companion, a person or a gate. */
export const Feedback = z.object({
  from: z.enum(['companion', 'person', 'gate', 'switchyard']),
  /** Who, where a person said it. */
  by: z.string().optional(),
  text: z.string().max(100_000),
  /** What the step had yielded, for reference in the rework. */
  earlier: z.string().max(100_000).optional(),
})
export type Feedback = z.infer<typeof Feedback>

/** What a step's wait is for, and so who ends it. Every one is found by a sweep if its ending got lost. */
export const Wait = z.discriminatedUnion('for', [
  z.object({ for: z.literal('job'), job: JobId }),
  /** Several jobs of one step at once: those that are still to end. */
  z.object({ for: z.literal('jobs'), jobs: z.array(JobId).min(1).max(20) }),
  /** Calls of a workflow, and its script: those that are still to end, and the effect that lets it go on, if one is under way. */
  z.object({ for: z.literal('calls'), jobs: z.array(JobId).max(20), effect: z.string().nullable() }),
  /** An effect that was written to the outbox and answers with an event of its own. */
  z.object({ for: z.literal('effect'), effect: z.string() }),
  /** `until`: when the sweep asks GitHub again. */
  z.object({ for: z.literal('checks'), until: Instant }),
  z.object({ for: z.literal('mergeability'), until: Instant }),
  /** Reviews, a deployment, or a release's health: people or systems outside; asked for again at `until`. */
  z.object({ for: z.literal('outside'), what: z.enum(['review', 'deployment', 'release']), until: Instant }),
  /** The attempt failed, and the next one begins at `until` (FAIL-2); written by `turn.ts` for every kind. */
  z.object({ for: z.literal('retry'), until: Instant, failure: Failure, session: z.enum(['same', 'fresh']) }),
  z.object({
    for: z.literal('person'),
    what: z.enum(['approve', 'cap', 'evidence', 'merge', 'answers', 'decision', 'regression', 'checkpoint']),
    escalateAt: Instant,
    escalated: z.boolean(),
  }),
])
export type Wait = z.infer<typeof Wait>

export const StepStatus = z.discriminatedUnion('state', [
  z.object({ state: z.literal('pending') }),
  z.object({ state: z.literal('active'), wait: Wait }),
  z.object({ state: z.literal('done') }),
  z.object({ state: z.literal('skipped'), by: z.string(), why: z.string() }),
  z.object({ state: z.literal('failed'), failure: Failure }),
  z.object({ state: z.literal('cancelled') }),
])
export type StepStatus = z.infer<typeof StepStatus>

export const Step = z.object({
  id: StepId,
  kind: z.string(),
  config: StepConfig,
  status: StepStatus,
  /** Counts this step's attempts, from 0 (never entered). Results of an older epoch change nothing. */
  epoch: z.int().nonnegative(),
  /** The kind's own state, a discriminated union by `phase`; parsed by the kind's schema. Survives a rewind, not a restart. */
  data: z.unknown(),
  /** What the step yielded: set when done, kept while it works again, so that the rework knows its earlier result. */
  output: StepOutput.nullable(),
  /** Why it works again, for its next job. */
  feedback: z.array(Feedback).max(50),
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  /** Time spent in earlier attempts, in ms. */
  spentMs: z.int().nonnegative(),
  usage: Usage,
  /** Attempts made again by themselves since a person last had a say, by the budget that they cost. */
  retries: z
    .object({ own: z.int().nonnegative(), infrastructure: z.int().nonnegative() })
    .default({ own: 0, infrastructure: 0 }),
  /** A message came for its agent: the job at work is being stopped, and whatever comes of it, another one goes on with it. */
  told: z.literal(true).optional(),
  /** The job whose held work a person let through: the step's next job that writes pushes it. */
  pushes: JobId.optional(),
  /** Connections that the sandboxes of its jobs refused; absent: none. */
  refused: z.array(DeniedHost).max(DENIED_MAX).optional(),
  /** What its agent asked instead of ending (STP-9), until a person answers. */
  question: z
    .object({
      text: z.string(),
      options: z.array(z.string()).min(1).max(10),
      /** Work of this job was held. To let it through raises the run's limits to `limits`, and pushes it. */
      output: z
        .object({
          job: JobId,
          limits: OutputLimits,
          /** Where a part of it is guarded: that is approved by `hash`, not answered; null: nobody can. */
          guarded: z
            .object({
              hash: z.string().nullable(),
              /** What the runner is told once it is approved. */
              allows: z.array(z.string()).max(20),
              files: z.array(z.object({ repository: FullName, path: z.string() })).max(1_000),
              /** Files beyond those, of which only the number is known. */
              more: z.int().nonnegative(),
            })
            .optional(),
        })
        .optional(),
    })
    .nullable()
    .default(null),
})
export type Step = z.infer<typeof Step>

/** A pull request as GitHub last confirmed it. */
export const PullRequest = z.object({
  number: z.int().positive(),
  nodeId: z.string(),
  url: z.url(),
  state: z.enum(['open', 'closed', 'merged']),
  draft: z.boolean(),
  mergedAt: z.string().nullable(),
  mergeSha: HeadSha.nullable(),
})
export type PullRequest = z.infer<typeof PullRequest>

/** What a leg changes against its base, as the runner counted it for `head`. */
export const LegChanges = z.object({
  head: HeadSha,
  files: z.int().nonnegative(),
  lines: z.int().nonnegative(),
  classes: z.array(ChangeClass),
  /** Protected paths among them, the first few. */
  protectedPaths: z.array(z.string()).max(50),
})
export type LegChanges = z.infer<typeof LegChanges>

/** One repository of a run. */
export const Leg = z.object({
  key: LegKey,
  repositoryId: z.int().positive(),
  repository: FullName,
  cloneUrl: z.url(),
  role: z.enum(['primary', 'provider', 'consumer', 'reference']),
  access: z.enum(['write', 'read']),
  /** False where a plan leaves this repository out: the agent may read it, and nothing of it is pushed. */
  planned: z.boolean(),
  directory: z.string().optional(),
  baseBranch: z.string(),
  workBranch: z.string(),
  base: HeadSha.nullable(),
  /** The work branch's head, as pushed and confirmed; null while the leg is untouched. */
  head: HeadSha.nullable(),
  changedFiles: z.int().nonnegative(),
  pull: PullRequest.nullable(),
  /** The head whose checks were all green. */
  checkedSha: HeadSha.nullable(),
  /** The head a companion's accepting verdict was given for. */
  reviewedSha: HeadSha.nullable(),
  /** The head the merge call carried. */
  mergedSha: HeadSha.nullable(),
  changes: LegChanges.nullable().default(null),
  /** A person left this repository out after closing its pull request: it counts as unchanged. */
  dropped: z.boolean().default(false),
  /** The pull request that takes the merged one back. */
  revert: PullRequest.nullable().default(null),
})
export type Leg = z.infer<typeof Leg>

/** What an agent noticed on the way, and what became of it (JOB-14). */
export const Noticed = FollowUp.extend({
  /** `F1`, `F2`, …: its name within the run. */
  id: z.string().regex(/^F\d{1,2}$/),
  ticket: z.discriminatedUnion('state', [
    z.object({ state: z.literal('open') }),
    z.object({ state: z.literal('filing'), effect: z.string() }),
    z.object({ state: z.literal('filed'), repository: z.string(), number: z.int().positive(), url: z.url() }),
    z.object({ state: z.literal('failed'), why: z.string().max(500) }),
  ]),
})
export type Noticed = z.infer<typeof Noticed>

export const RunStatus = z.discriminatedUnion('state', [
  z.object({ state: z.literal('queued') }),
  z.object({ state: z.literal('active') }),
  /** Held: nothing is begun until it is resumed. Its active step stays the active one (RUN-6). */
  z.object({
    state: z.literal('paused'),
    by: z.string(),
    why: z.string(),
    /** `pull-closed`: a person closed a pull request and is asked what to do (RUN-8). */
    cause: z.enum(['person', 'budget', 'installation', 'pull-closed']),
    at: Instant,
  }),
  z.object({ state: z.literal('done'), outcome: z.enum(['merged', 'ready', 'nothing-to-do']), summary: z.string() }),
  z.object({ state: z.literal('failed'), step: StepId, failure: Failure }),
  z.object({ state: z.literal('stopped'), by: z.string(), why: z.string() }),
])
export type RunStatus = z.infer<typeof RunStatus>

/** One task on its way through a pipeline. */
export const Run = z.object({
  id: RunId,
  /** Counts the decisions made for this run. */
  version: z.int().nonnegative(),
  task: Task,
  pipeline: z.string(),
  settings: RunSettings,
  status: RunStatus,
  steps: z.array(Step).min(1).max(60),
  legs: z.array(Leg).min(1).max(20),
  /** Repositories in the order in which their pull requests merge; set by the plan, else providers first. */
  mergeOrder: z.array(LegKey),
  /** The output limits as a person raised them for this run; absent: those of the settings. */
  output: OutputLimits.optional(),
  /** What people added to its budgets, and how these stood when it was last said; absent: nobody did, and nothing was. */
  budget: z
    .object({
      addedUsd: z.number().nonnegative(),
      /** Four fifths of it are used: said once, until somebody raises it. */
      near: BudgetStand.nullable(),
      /** What the run is, or was last, paused for. */
      reached: BudgetStand.nullable(),
    })
    .optional(),
  /** Guarded parts of work that people let through, by their hashes. */
  allowed: z.array(z.string().max(100)).max(200).optional(),
  /** What agents asked and people decided, for every later step. */
  decisions: z
    .array(z.object({ step: StepId, question: z.string(), answer: z.string(), by: z.string() }))
    .max(100)
    .default([]),
  followUps: z.array(Noticed).max(FOLLOW_UPS_MAX).default([]),
  /** Connections that the sandboxes of its jobs refused, each once with how often; absent: none. */
  refused: z.array(DeniedHost).max(DENIED_MAX).optional(),
  createdAt: Instant,
  admittedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
})
export type Run = z.infer<typeof Run>
