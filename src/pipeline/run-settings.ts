/** What a run was started with. Every default is here or in the contract; what a repository may say of it is in `src/config`. */
import { z } from 'zod'
import { UsdLimit } from '../contract/budget.ts'
import { JobLimits, RuntimeChoice, ValidationCommand } from '../contract/job.ts'
import { JobGuard } from '../contract/job-guard.ts'
import { OutputLimits } from '../contract/output-limits.ts'
import { JobSandbox } from '../contract/sandbox.ts'

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
