/**
 * The shape of a run, as it is stored and as `decide` sees it. Everything is a zod schema, so that what comes out of
 * the store is parsed, not believed. What can be derived is not stored: see `state.ts`.
 */
import { z } from 'zod'
import { BudgetStand, UsdLimit } from '../contract/budget.ts'
import { Failure } from '../contract/failure.ts'
import { FOLLOW_UPS_MAX, FollowUp } from '../contract/follow-up.ts'
import { FullName, HeadSha, JobId, LegKey, RunId, StepId } from '../contract/ids.ts'
import { JobLimits, RuntimeChoice, Usage, ValidationCommand } from '../contract/job.ts'
import { JobGuard } from '../contract/job-guard.ts'
import { OutputLimits } from '../contract/output-limits.ts'
import { DENIED_MAX, DeniedHost, JobSandbox } from '../contract/sandbox.ts'
import { StepOutput } from './outputs.ts'

/** Milliseconds since the epoch. The core never asks for the time; it is told. */
export const Instant = z.int().nonnegative()
export type Instant = z.infer<typeof Instant>

/** A conversation: of an issue or of a pull request. */
const Place = z.object({ repository: FullName, number: z.int().positive() })

/** Where a person gave a trigger, and so where the answer goes. Without `at`: the conversation that the run is about. */
export const Trigger = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('label'), label: z.string() }),
  /** `index` is the command's place in its comment, from 0. */
  z.object({ kind: z.literal('comment'), commentId: z.int().positive(), index: z.int().nonnegative(), at: Place.optional() }),
  z.object({ kind: z.literal('checkbox'), commentId: z.int().positive(), control: z.string() }),
  /** A button of a check run, or its re-run (`rerequested`); `checkRunId` is null where a whole suite was asked for again. */
  z.object({ kind: z.literal('button'), checkRunId: z.int().positive().nullable(), identifier: z.string(), at: Place }),
  /** GitHub itself: an issue was closed, an installation removed. */
  z.object({ kind: z.literal('github'), what: z.string() }),
  z.object({ kind: z.literal('dashboard') }),
  /** The clock: a schedule of the configuration came. */
  z.object({ kind: z.literal('schedule'), name: z.string() }),
])
export type Trigger = z.infer<typeof Trigger>

/** A person (or a listed bot) who did something. Permission was checked before an event with an actor is made. */
export const Actor = z.object({ login: z.string().min(1), id: z.int().positive() })
export type Actor = z.infer<typeof Actor>

/** What the run is about, frozen when it was taken: later edits do not reach an agent. */
export const Task = z.object({
  installationId: z.int().positive(),
  repositoryId: z.int().positive(),
  repository: FullName,
  thread: z.enum(['issue', 'pull']),
  number: z.int().positive(),
  url: z.url(),
  title: z.string().max(1_000),
  body: z.string().max(262_144),
  author: z.string(),
  requestedBy: Actor,
  /** Issues and pull requests that its text mentions, by people who may write where they are; frozen as well (STP-18). */
  linked: z
    .array(z.object({ url: z.url(), title: z.string().max(1_000), body: z.string().max(20_000), by: z.string() }))
    .max(10)
    .default([]),
})
export type Task = z.infer<typeof Task>

/** How a role is played: which agent, which limits, what more it is told. */
export const RoleSettings = z.object({
  runtime: RuntimeChoice,
  limits: JobLimits,
  /** Absent: the guards as they are by themselves. */
  guard: JobGuard.optional(),
  /** Text from the configuration, put after the role's own prompt. */
  instructions: z.string().max(50_000).default(''),
  /** Text of the default branch that stands in the place of the role's own prompt; the rules hold beside it all the same. */
  prompt: z.string().min(1).max(50_000).optional(),
})
export type RoleSettings = z.infer<typeof RoleSettings>

/** What a change is about, told from its paths: the lowest rank of care first. */
export const ChangeClass = z.enum(['docs', 'test', 'dependency', 'config', 'source', 'schema'])
export type ChangeClass = z.infer<typeof ChangeClass>

/** Under which conditions a change set merges without a person (CS-7). */
export const MergePolicy = z.object({
  /** Ceilings of the assessment's axes, 0 to 1. */
  complexity: z.number().min(0).max(1).default(0.5),
  risk: z.number().min(0).max(1).default(0.4),
  impact: z.number().min(0).max(1).default(0.5),
  classes: z.array(ChangeClass).default(['docs', 'test', 'dependency', 'config', 'source']),
  maxFiles: z.int().positive().default(50),
  /** Added and deleted lines, all repositories together. */
  maxLines: z.int().positive().default(1_500),
})
export type MergePolicy = z.infer<typeof MergePolicy>

/** When a failed attempt is tried again by itself (FAIL-2). */
export const RetrySettings = z.object({
  /** Attempts that the agent's own failures get, per step. */
  cap: z.int().min(0).max(10).default(3),
  /** Attempts that lost runners, git and GitHub get, per step. */
  infrastructure: z.int().min(0).max(20).default(5),
  /** At least so long between two attempts, in ms. */
  gapMs: z.int().min(0).max(86_400_000).default(120_000),
})
export type RetrySettings = z.infer<typeof RetrySettings>

/** What may be spent on models, in USD (SPD-2); what is absent has no limit. Months are calendar months, UTC. */
export const Budgets = z.object({
  job: UsdLimit.optional(),
  run: UsdLimit.optional(),
  /** By all runs of the run's repository, in a month. */
  repositoryMonth: UsdLimit.optional(),
  /** By all runs that the requester asked for, in a month. */
  personMonth: UsdLimit.optional(),
  /** The most that the run can be raised to by people: the deployment's word. */
  runCeiling: UsdLimit.optional(),
})
export type Budgets = z.infer<typeof Budgets>

/** What a run was started with: a copy, so that a later change of the configuration does not change it midway. */
export const RunSettings = z.object({
  roles: z.record(z.string(), RoleSettings),
  /** A person merges by `/yard merge`, or the run does it when every condition holds. */
  merge: z.object({
    /** `policy`: without a person where {@link MergePolicy} allows it, else a person does. */
    by: z.enum(['person', 'auto', 'policy']),
    method: z.enum(['merge', 'squash', 'rebase']),
    policy: MergePolicy.optional(),
  }),
  /** Commands in comments begin with this. */
  prefix: z.string().min(2).max(20),
  /** A wait for a person is escalated after so many ms; it never ends by itself. */
  escalateMs: z.int().positive(),
  /** How long "no checks at all" must last before it counts as green, in ms. */
  noChecksGraceMs: z.int().nonnegative(),
  /** How long a gate waits for a webhook before it asks GitHub itself, in ms. */
  sweepMs: z.int().positive(),
  /** Hints about one head within this time cost one question to GitHub, in ms. */
  debounceMs: z.int().nonnegative(),
  retry: RetrySettings.default(RetrySettings.parse({})),
  /** Paths that no change set may touch without a person, as globs. */
  protectedPaths: z.array(z.string().max(500)).max(500).default([]),
  /** Whether install scripts and new sources of packages need a person's word as well. */
  protectedManifests: z.boolean().default(true),
  /** Work over these is pushed only at a person's word, which raises them for the run. */
  output: OutputLimits.prefault({}),
  /** What its jobs ask of their sandboxes; absent: what the runner gives. */
  sandbox: JobSandbox.optional(),
  budgets: Budgets.prefault({}),
  /** The models that its jobs may ask for; absent: all that the deployment permits. */
  models: z.array(z.string().max(200)).max(200).optional(),
  /** What the `validate` step runs. */
  validation: z.array(ValidationCommand).max(50).default([]),
  /** Review remarks are gathered for so long, in ms, and answered as one batch. */
  reviewQuietMs: z.int().nonnegative().default(60_000),
  /** Logins of those who alone may approve; empty where everybody with a permission may. */
  approvers: z.array(z.string().max(100)).max(200).default([]),
  /** Files that every agent is given beside the task, as the default branch had them when the run started. */
  contextFiles: z
    .array(z.object({ path: z.string().max(200), content: z.string().max(200_000) }))
    .max(20)
    .optional(),
  /** Scripts of dynamic workflows by name, as the default branch had them: the hashes under which the store keeps them. */
  workflows: z.record(z.string(), z.string()).optional(),
})
export type RunSettings = z.infer<typeof RunSettings>

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
