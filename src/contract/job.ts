import { z } from 'zod'
import { Purse } from './budget.ts'
import { Failure } from './failure.ts'
import { FullName, HeadSha, JobId, LegKey, RunId, StepId } from './ids.ts'
import { JobGuard } from './job-guard.ts'
import { HeldOutput, OutputLimits } from './output-limits.ts'
import { Protection } from './protection.ts'
import { Report, ReportShape } from './report.ts'
import { DENIED_MAX, DeniedHost, JobSandbox } from './sandbox.ts'

/** The version of this contract; app and runner refuse one another's jobs when it differs. */
export const CONTRACT_VERSION = 1

/** Watchdog limits of a job, all in ms. Every inner one is shorter than the outer one it could be mistaken for. */
export const JobLimits = z.object({
  /** No byte from the agent for this long. */
  inactivityMs: z.int().min(1_000).max(3_600_000).default(600_000),
  /** From the agent's start to its end. */
  durationMs: z
    .int()
    .min(1_000)
    .max(6 * 3_600_000)
    .default(3_600_000),
  /** No tool finished for this long. */
  toolSilenceMs: z.int().min(1_000).max(7_200_000).default(900_000),
  /** From the agent's start to its first event. */
  coldStartMs: z.int().min(500).max(600_000).default(120_000),
  /** Between two checkpoints (pushes of what is committed so far). */
  checkpointMs: z.int().min(1_000).max(3_600_000).default(60_000),
  /** From SIGTERM to SIGKILL for the agent's process group. */
  killGraceMs: z.int().min(100).max(30_000).default(5_000),
})
export type JobLimits = z.infer<typeof JobLimits>

/** One repository of a job. */
export const JobLeg = z.object({
  key: LegKey,
  repositoryId: z.int().positive(),
  repository: FullName,
  /** HTTPS (or, for the local GitHub, loopback HTTP) address without credentials. */
  cloneUrl: z.url(),
  role: z.enum(['primary', 'provider', 'consumer', 'reference']),
  access: z.enum(['write', 'read']),
  baseBranch: z.string().min(1).max(255),
  workBranch: z.string().min(1).max(255),
  /** The head a reader must look at (a companion's verdict binds to it); absent: the work branch if it exists, else the base. */
  head: HeadSha.optional(),
  /** Where the work begins as long as its branch is not on the remote: a commit that the base need not have. */
  from: HeadSha.optional(),
  /** The service's directory in a monorepo; the agent starts there. */
  directory: z.string().max(500).optional(),
})
export type JobLeg = z.infer<typeof JobLeg>

/** Which coding agent does the job. */
export const RuntimeChoice = z.object({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
  model: z.string().max(200).optional(),
  effort: z.enum(['low', 'medium', 'high']).optional(),
  /** For the `command` runtime: the program and its arguments, started without a shell. */
  command: z.array(z.string().max(4_000)).min(1).max(50).optional(),
})
export type RuntimeChoice = z.infer<typeof RuntimeChoice>

/** An address as git takes it; a bot's has brackets in it (`1+name[bot]@…`), which a mail address may not. */
const GitEmail = z
  .string()
  .max(300)
  .regex(/^[^\s<>@]+@[^\s<>@]+$/, 'is no address for a commit')

/** A command of the configuration that must succeed before the work counts as good; run by a shell in the leg's folder. */
export const ValidationCommand = z.object({
  name: z.string().min(1).max(200),
  /** Absent: in every changed repository. */
  repository: FullName.optional(),
  run: z.string().min(1).max(4_000),
  timeoutMs: z.int().min(1_000).max(3_600_000).default(600_000),
})
export type ValidationCommand = z.infer<typeof ValidationCommand>

/** What a job does: an agent explores or codes; or no agent at all, only the commands of `validation`. */
export const JobMode = z.enum(['explore', 'code', 'validate'])
export type JobMode = z.infer<typeof JobMode>

/** One piece of agent work as the queue carries it. It never holds a token. */
export const JobSpec = z.object({
  version: z.literal(CONTRACT_VERSION),
  id: JobId,
  run: RunId,
  step: StepId,
  epoch: z.int().nonnegative(),
  role: z.string().min(1).max(40),
  mode: JobMode,
  runtime: RuntimeChoice,
  /** Tells jobs of one step apart that work at the same time: each has folders of its own. */
  place: z
    .string()
    .regex(/^[a-z0-9-]{1,60}$/)
    .optional(),
  /** What the role is and how it must report; for runtimes that can take a system prompt. */
  instructions: z.string().max(200_000),
  /** The task and all that belongs to it; hostile text in it is already fenced as data. */
  prompt: z.string().max(1_000_000),
  reportShape: ReportShape,
  /** With the shape `result`: the JSON Schema that the report's `result` must meet. */
  resultSchema: z.record(z.string(), z.unknown()).optional(),
  nonce: z.string().min(16).max(100),
  legs: z.array(JobLeg).min(1).max(20),
  /** Hosts that legs may be cloned from and the app's API may be on; anything else is refused before a token is asked for. */
  allowedHosts: z.array(z.string().min(1)).min(1),
  /** A session of an earlier job of the same runtime and role to go on with, where the runner still has it. */
  resume: z.object({ job: JobId, session: z.string().max(200) }).optional(),
  contextFiles: z
    .array(z.object({ path: z.string().max(200), content: z.string().max(1_000_000) }))
    .max(50)
    .default([]),
  /** With the mode `validate`: what is run. Its report's `checks` say how each ended, in this order. */
  validation: z.array(ValidationCommand).max(50).default([]),
  /**
   * The job resolves a conflict: afterwards every leg's branch must contain its base branch's newest commit, with no
   * unmerged path and no conflict marker, else the job fails with `conflict` and nothing is pushed.
   */
  mergesBase: z.boolean().default(false),
  /**
   * Branches to be merged into the legs' work branches, in this order, without an agent. The job ends before the first that
   * conflicts; its report's `result` says which are in (`merged`) and where it was stopped (`collision`). None: every one that
   * was to be merged is left as it is.
   */
  collect: z
    .array(z.object({ leg: LegKey, branch: z.string().min(1).max(255), head: HeadSha }))
    .max(2_000)
    .optional(),
  limits: JobLimits,
  guard: JobGuard.prefault({}),
  sandbox: JobSandbox.prefault({}),
  /** What of a leg is over these is not pushed; the leg is `held`. */
  output: OutputLimits.prefault({}),
  /** What of a leg a person has to let through first; the leg is `held`. */
  protection: Protection.prefault({}),
  /**
   * An earlier job of this step whose held work a person let through: where the runner still has it, that is pushed and
   * reported, and no agent works. Where it has not, the work is done again.
   */
  pushes: JobId.optional(),
  /** What its calls of models are paid from, beside the budgets of its run. */
  purse: Purse.optional(),
  /** Who the commits are by. */
  author: z.object({ name: z.string().min(1).max(200), email: GitEmail }),
})
export type JobSpec = z.infer<typeof JobSpec>

/** Tokens and money. What a runtime does not tell stays absent: unknown is not zero. */
export const Usage = z.object({
  inputTokens: z.int().nonnegative().optional(),
  outputTokens: z.int().nonnegative().optional(),
  cacheReadTokens: z.int().nonnegative().optional(),
  costUsd: z.number().nonnegative().optional(),
  turns: z.int().nonnegative().optional(),
  toolCalls: z.int().nonnegative().optional(),
})
export type Usage = z.infer<typeof Usage>

/** A file the leg's work changed against its base. */
export const ChangedFile = z.object({
  path: z.string(),
  /** Of a renamed file: where it was. */
  from: z.string().optional(),
  status: z.enum(['added', 'modified', 'deleted', 'renamed', 'other']),
  additions: z.int().nonnegative(),
  deletions: z.int().nonnegative(),
})

/** What became of one leg. */
export const LegResult = z.object({
  key: LegKey,
  repositoryId: z.int().positive(),
  /** The base commit that the work is on top of. */
  base: HeadSha,
  /** The remote work branch's head after the job, or null where there is no such branch. */
  head: HeadSha.nullable(),
  /** Commits that `head` is ahead of `base`. */
  ahead: z.int().nonnegative(),
  push: z.discriminatedUnion('status', [
    z.object({ status: z.literal('pushed') }),
    z.object({ status: z.literal('unchanged') }),
    z.object({ status: z.literal('failed'), message: z.string().max(2_000) }),
    /** The work is over a limit, or has a guarded part: none of it was pushed, and a person decides (GRD-2). */
    z.object({ status: z.literal('held'), ...HeldOutput.shape }),
  ]),
  changedFiles: z.array(ChangedFile).max(3_000),
  /** Edits the agent forgot to commit and that were committed for it. */
  committedForAgent: z.array(z.string()).max(1_000),
  /** Files left out of the commit, or edits discarded (explore mode, read-only leg), with the reason. */
  leftOut: z.array(z.object({ path: z.string(), why: z.enum(['too-large', 'scratch', 'explore', 'read-only']) })).max(1_000),
})
export type LegResult = z.infer<typeof LegResult>

const outcome = {
  legs: z.array(LegResult),
  usage: Usage,
  /** The runtime's session, where it has one: rework goes on in it. */
  session: z.string().max(200).optional(),
  /** Things people should know: options the runtime could not honour, a report that was recovered, … */
  notes: z.array(z.string().max(1_000)).max(50),
  /** Connections that the sandbox refused; absent: none. */
  denied: z.array(DeniedHost).max(DENIED_MAX).optional(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
}

/** How a job ended, as the runner tells the app. */
export const JobResult = z.discriminatedUnion('status', [
  z.object({ status: z.literal('finished'), report: Report, ...outcome }),
  z.object({ status: z.literal('failed'), failure: Failure, report: Report.optional(), ...outcome }),
  z.object({ status: z.literal('cancelled'), reason: z.string().max(500), ...outcome }),
])
export type JobResult = z.infer<typeof JobResult>
