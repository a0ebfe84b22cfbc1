/**
 * What a decision wants done outside the store: a closed list. Every one has a deterministic id, is written to the
 * outbox with the run, and is carried out by the handler of its name in `src/effects/`, which looks before it creates.
 */
import { z } from 'zod'
import { Purse } from '../contract/budget.ts'
import { FullName, HeadSha, JobId, LegKey, StepId } from '../contract/ids.ts'
import { JobMode } from '../contract/job.ts'
import type { Instant } from './model.ts'
import { Notice } from './notices.ts'
import { Actor, Trigger } from './task.ts'
import { CALLS_MAX, CallSettled, Collision } from './workflow.ts'

export const Effect = z.discriminatedUnion('kind', [
  /** Put an agent job into the queue. The handler builds its spec from the run as it is at this epoch. */
  z.object({
    kind: z.literal('enqueue-job'),
    id: z.string(),
    job: JobId,
    step: StepId,
    epoch: z.int().positive(),
    role: z.string(),
    mode: JobMode,
    /** What a gate found, for its fixer. */
    evidence: z.string().max(100_000).nullable(),
    /** What this very job is for, beyond its role: one of several parallel ones. */
    assignment: z.string().max(20_000).nullable().default(null),
    /** `fresh`: the session of the attempt before is not gone on with. */
    session: z.enum(['same', 'fresh']).default('same'),
    /** The job resolves a conflict with the base branch. */
    mergesBase: z.boolean().default(false),
    /** An earlier job of the step whose held work is to be pushed. */
    pushes: JobId.optional(),
    /** What its calls are paid from, beside the run's own budgets. */
    purse: Purse.optional(),
    /** The call of a workflow that it is for: the prompt, and what else belongs to it, is in the journal. */
    call: z
      .object({
        journal: z.int().positive(),
        index: z.int().nonnegative(),
        /** A collection met a conflict there, and this job is to resolve it. */
        resolves: Collision.nullable(),
        /** Branches whose conflicts nobody could resolve: the collection goes on without them. */
        leaves: z.array(Collision).optional(),
      })
      .optional(),
  }),
  /**
   * Tell a workflow's script what its calls came to, and let it go on; answers `workflow.advanced`. `again`: it was held,
   * or had failed, and begins anew with what the journal has.
   */
  z.object({
    kind: z.literal('advance-workflow'),
    id: z.string(),
    step: StepId,
    journal: z.int().positive(),
    settled: z.array(CallSettled).max(CALLS_MAX),
    again: z.boolean(),
  }),
  /** Have a job's runner stop it, and forget it in the queue; with `keep` what it has done so far is pushed first. */
  z.object({ kind: z.literal('cancel-job'), id: z.string(), job: JobId, why: z.string(), keep: z.boolean().default(false) }),
  /** Open, or find, one draft pull request per leg; answers `pulls.opened`. */
  z.object({ kind: z.literal('open-pulls'), id: z.string(), legs: z.array(LegKey).min(1) }),
  /** Ask GitHub for the checks of these heads, after `delayMs` (a burst of hints costs one question); answers `checks.reported`. */
  z.object({
    kind: z.literal('ask-checks'),
    id: z.string(),
    legs: z.array(z.object({ leg: LegKey, head: HeadSha })).min(1),
    delayMs: z.int().nonnegative(),
  }),
  /** Ask for these legs' heads, mergeability and checks, with `ready` after taking them out of draft; answers `pulls.reported`. */
  z.object({ kind: z.literal('ask-pulls'), id: z.string(), legs: z.array(LegKey).min(1), ready: z.boolean().default(true) }),
  /** Have the failing jobs of these heads run again; answers `checks.rerun`. */
  z.object({
    kind: z.literal('rerun-checks'),
    id: z.string(),
    legs: z.array(z.object({ leg: LegKey, head: HeadSha, names: z.array(z.string()).max(1_000) })).min(1),
  }),
  /** Ask for the human review of these legs, after `delayMs`, when remarks have been quiet; answers `reviews.reported`. */
  z.object({ kind: z.literal('ask-reviews'), id: z.string(), legs: z.array(LegKey).min(1), delayMs: z.int().nonnegative() }),
  /** Reply in each conversation, once, and resolve those that are done; answers `threads.answered`. */
  z.object({
    kind: z.literal('answer-threads'),
    id: z.string(),
    replies: z
      .array(
        z.object({
          leg: LegKey,
          thread: z.string(),
          text: z.string().max(12_000),
          resolve: z.boolean(),
          /** `at` of the newest remark that was answered: with a newer one by a person the conversation stays open. */
          seenUntil: z.string().optional(),
        }),
      )
      .min(1)
      .max(500),
  }),
  /** File an issue, or find the one this step filed already; answers `ticket.filed`. */
  z.object({
    kind: z.literal('file-ticket'),
    id: z.string(),
    step: StepId,
    repository: FullName,
    title: z.string().min(1).max(256),
    body: z.string().max(60_000),
    labels: z.array(z.string().max(50)).max(20),
  }),
  /** File what an agent noticed on the way, or find its issue; answers `follow-up.filed`. */
  z.object({ kind: z.literal('file-follow-up'), id: z.string(), followUp: z.string() }),
  /** Create, or find, one deployment per leg at exactly its head; answers `deployments.reported`. */
  z.object({
    kind: z.literal('create-deployments'),
    id: z.string(),
    environment: z.string().min(1).max(100),
    legs: z.array(z.object({ leg: LegKey, head: HeadSha })).min(1),
  }),
  /** Ask how these deployments stand; answers `deployments.reported`. */
  z.object({
    kind: z.literal('ask-deployments'),
    id: z.string(),
    environment: z.string(),
    deployments: z.array(z.object({ leg: LegKey, head: HeadSha, id: z.int().positive() })).min(1),
  }),
  /** Look at a release: deployments and checks of the merge commits, an HTTP probe; answers `release.reported`. */
  z.object({
    kind: z.literal('ask-release'),
    id: z.string(),
    legs: z.array(LegKey).min(1),
    /** Names of checks on the default branch that count; empty: none. */
    checks: z.array(z.string()).max(50),
    environment: z.string().nullable(),
    probe: z.url().nullable(),
  }),
  /** Open, or find, one pull request per leg that takes its merged one back; answers `reverts.opened`. */
  z.object({ kind: z.literal('open-reverts'), id: z.string(), legs: z.array(LegKey).min(1) }),
  /**
   * Merge one pull request at exactly this head, through the merge queue where the branch demands one; with `auto` its
   * auto-merge is switched on instead. Answers `pull.merged`, `merge.queued` or `merge.refused`.
   */
  z.object({
    kind: z.literal('merge-pull'),
    id: z.string(),
    leg: LegKey,
    head: HeadSha,
    method: z.enum(['merge', 'squash', 'rebase']),
    auto: z.boolean().default(false),
  }),
  /**
   * Take these pull requests out of the merge queue that `merge-pull` put them into, and switch off the auto-merge that it
   * switched on: the run is held or over, or their heads moved to what nobody has seen yet. Not answered.
   */
  z.object({ kind: z.literal('withdraw-merge'), id: z.string(), legs: z.array(LegKey).min(1) }),
  /**
   * Close these legs' pull requests where they are open, and delete their work branches; with `calls` the branches of a
   * workflow's calls too. Answers `cleaned.up`.
   */
  z.object({ kind: z.literal('clean-up'), id: z.string(), legs: z.array(LegKey), calls: z.boolean().optional() }),
  /** Bring what GitHub shows of the run up to date: status comment, state label, check runs, pull-request bodies. */
  z.object({ kind: z.literal('show'), id: z.string() }),
  /** Tell the deployment's receiver of notices that somebody has to do something (NOT-1). Not answered. */
  z.object({ kind: z.literal('notify'), id: z.string(), notice: Notice }),
  /** Answer a trigger where it was given: a reaction, and words where they are needed. */
  z.object({
    kind: z.literal('answer'),
    id: z.string(),
    trigger: Trigger,
    actor: Actor,
    result: z.enum(['done', 'refused']),
    text: z.string().nullable(),
  }),
  /** After the last merge: the summary on the issue, the issue closed, the work branches deleted. */
  z.object({ kind: z.literal('finish-issue'), id: z.string() }),
])
export type Effect = z.infer<typeof Effect>
export type EffectOf<K extends Effect['kind']> = Extract<Effect, { kind: K }>

/** A timer to set: a row in the store; its queue job only wakes us up. Setting one of the same id again moves it. */
export interface Timer {
  id: string
  at: Instant
}

/** One line of a run's history. */
export interface Fact {
  /** What happened, as a stable word with dots (`step.entered`, `pull.merged`). */
  what: string
  step?: StepId
  /** Who did it: a login, or `switchyard`. */
  who: string
  /** A sentence for people. */
  text: string
}
