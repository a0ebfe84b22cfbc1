/**
 * What can happen to a run: a closed list. Raw GitHub payloads stop before this; permission was checked before an
 * event with an actor was made.
 */
import { z } from 'zod'
import { BudgetStand, UsdLimit } from '../contract/budget.ts'
import { Failure } from '../contract/failure.ts'
import { FOLLOW_UPS_MAX, FollowUp } from '../contract/follow-up.ts'
import { FullName, HeadSha, JobId, LegKey, StepId } from '../contract/ids.ts'
import { JobResult } from '../contract/job.ts'
import { PullRequest } from './model.ts'
import { Actor, Trigger } from './task.ts'
import { CALLS_AT_ONCE, CallToStart, Checkpoint, LOG_LINES_MAX, PHASES_MAX, PhaseCount, ScriptState } from './workflow.ts'

/** One check run or commit status of a head, the newest of its name. */
export const CheckSeen = z.object({
  name: z.string(),
  source: z.enum(['check-run', 'status']),
  /** `pending` is anything that has not finished. */
  conclusion: z.enum([
    'success',
    'neutral',
    'skipped',
    'failure',
    'cancelled',
    'timed_out',
    'action_required',
    'stale',
    'pending',
  ]),
  url: z.string().nullable(),
  title: z.string().max(1_000).nullable(),
  summary: z.string().max(20_000).nullable(),
  annotations: z.array(z.object({ path: z.string(), line: z.int().nonnegative(), message: z.string().max(5_000) })).max(50),
  /** The last lines of a failing job's log, redacted. */
  log: z.string().max(30_000).nullable(),
})
export type CheckSeen = z.infer<typeof CheckSeen>

/** What GitHub said of one leg's head when it was asked. The app's own checks are not among them. */
export const LegChecks = z.object({
  leg: LegKey,
  head: HeadSha,
  checks: z.array(CheckSeen).max(1_000),
  /** Required by branch protection or rulesets, by name. */
  required: z.array(z.string()).max(200),
  /** A workflow file that would run on this event exists. */
  expectsChecks: z.boolean(),
  /** Names of failing checks that fail on the base branch's newest commit too (GATE-4). */
  redOnBase: z.array(z.string()).max(1_000).default([]),
})
export type LegChecks = z.infer<typeof LegChecks>

/** What GitHub said of one leg's pull request when it was asked. */
export const PullSeen = z.object({
  leg: LegKey,
  pull: PullRequest,
  head: HeadSha,
  base: z.string(),
  /** GitHub's `mergeable_state`; `unknown` is not decided yet. */
  mergeable: z.enum(['clean', 'dirty', 'unknown', 'blocked', 'behind', 'unstable', 'draft', 'has_hooks']),
  /** GitHub merges it by itself: it stands in a merge queue, or auto-merge is on. Absent: not looked at. */
  queued: z.boolean().optional(),
})
export type PullSeen = z.infer<typeof PullSeen>

/** One conversation of a review. */
export const ThreadSeen = z.object({
  id: z.string(),
  path: z.string().nullable(),
  line: z.int().nullable(),
  resolved: z.boolean(),
  outdated: z.boolean(),
  comments: z
    .array(z.object({ by: z.string(), body: z.string().max(20_000), at: z.string() }))
    .min(1)
    .max(50),
  /** Somebody who may steer runs wrote in it last; what others ask for is shown and not obeyed. */
  trusted: z.boolean(),
  /** The app itself wrote last: it waits for people. */
  answered: z.boolean(),
})
export type ThreadSeen = z.infer<typeof ThreadSeen>

/** What GitHub said of the human review of one leg's pull request. */
export const ReviewSeen = z.object({
  leg: LegKey,
  head: HeadSha,
  pull: PullRequest,
  /** GitHub's own judgement of its rules: required reviewers, code owners, branch protection. */
  decision: z.enum(['approved', 'changes-requested', 'review-required', 'none']),
  /** Approvals of exactly this head. */
  approvedBy: z.array(z.string()).max(100),
  /** Standing change requests; `trusted` as with threads. */
  changeRequests: z
    .array(z.object({ id: z.string(), by: z.string(), body: z.string().max(20_000), at: z.string(), trusted: z.boolean() }))
    .max(100),
  threads: z.array(ThreadSeen).max(500),
})
export type ReviewSeen = z.infer<typeof ReviewSeen>

/** How a deployment stands. */
export const DeploymentSeen = z.object({
  leg: LegKey,
  head: HeadSha,
  id: z.int().positive(),
  environment: z.string(),
  state: z.enum(['pending', 'success', 'failure', 'inactive']),
  url: z.string().nullable(),
  description: z.string().max(1_000),
})
export type DeploymentSeen = z.infer<typeof DeploymentSeen>

/** One sign of a release's health. */
export const Signal = z.object({
  source: z.enum(['deployment', 'check', 'probe']),
  name: z.string(),
  state: z.enum(['good', 'bad', 'pending']),
  detail: z.string().max(2_000),
})
export type Signal = z.infer<typeof Signal>

const person = { actor: Actor, trigger: Trigger }

export const RunEvent = z.discriminatedUnion('type', [
  /** A place is free: enter the first step. */
  z.object({ type: z.literal('run.admitted') }),

  /** The runner reported a result for a job. */
  z.object({ type: z.literal('job.finished'), job: JobId, result: JobResult }),
  /** A job is not in the queue any more and no result came. */
  z.object({ type: z.literal('job.lost'), job: JobId, why: z.string() }),

  /** Most of a budget is used (SPD-2). */
  z.object({ type: z.literal('budget.near'), stand: BudgetStand }),
  /** A job's next call does not fit into a budget any more. */
  z.object({ type: z.literal('budget.reached'), job: JobId, stand: BudgetStand }),
  /** A month's budget that the run is paused for has room again. */
  z.object({ type: z.literal('budget.room') }),

  /** A job's agent noticed something on the way that is not part of its task. */
  z.object({ type: z.literal('follow-ups.noticed'), followUps: z.array(FollowUp).max(FOLLOW_UPS_MAX) }),
  /** It was filed as an issue, or found filed (effect `file-follow-up`). */
  z.object({
    type: z.literal('follow-up.filed'),
    effect: z.string(),
    followUp: z.string(),
    repository: z.string(),
    number: z.int().positive(),
    url: z.url(),
  }),

  /** A webhook hints that checks of a head changed: ask. */
  z.object({ type: z.literal('checks.changed'), leg: LegKey, head: HeadSha }),
  /** GitHub was asked (effect `ask-checks`). */
  z.object({ type: z.literal('checks.reported'), effect: z.string(), legs: z.array(LegChecks) }),
  /** GitHub was asked (effect `ask-pulls`). */
  z.object({ type: z.literal('pulls.reported'), effect: z.string(), pulls: z.array(PullSeen), checks: z.array(LegChecks) }),
  /** A webhook says that a leg's pull request changed: closed, merged, pushed to. */
  z.object({
    type: z.literal('pull.changed'),
    leg: LegKey,
    pull: PullRequest,
    head: HeadSha,
    /** The branch that it goes into; GitHub moves it when that is renamed. Absent: not looked at. */
    base: z.string().optional(),
    by: z.string(),
  }),
  /** Opening (or finding) pull requests is through, for each leg by itself (effect `open-pulls`). */
  z.object({
    type: z.literal('pulls.opened'),
    effect: z.string(),
    /** `head` is the pull request's own: somebody may have pushed to it, or merged it, before the run heard of it. */
    opened: z.array(z.object({ leg: LegKey, pull: PullRequest, head: HeadSha })),
    failed: z.array(z.object({ leg: LegKey, failure: Failure })),
  }),
  /** One pull request was merged at this head (effect `merge-pull`), now or by an earlier execution. */
  z.object({ type: z.literal('pull.merged'), effect: z.string(), leg: LegKey, head: HeadSha, pull: PullRequest }),
  /** GitHub refused to merge: head moved, not mergeable, protected. */
  z.object({ type: z.literal('merge.refused'), effect: z.string(), leg: LegKey, failure: Failure }),
  /** A merge queue, or auto-merge, took the pull request at this head; GitHub merges it when its rules are met. */
  z.object({
    type: z.literal('merge.queued'),
    effect: z.string(),
    leg: LegKey,
    head: HeadSha,
    by: z.enum(['queue', 'auto-merge']),
  }),
  /** Pull requests that take merged ones back were opened (effect `open-reverts`). */
  z.object({
    type: z.literal('reverts.opened'),
    effect: z.string(),
    opened: z.array(z.object({ leg: LegKey, pull: PullRequest })),
    failed: z.array(z.object({ leg: LegKey, failure: Failure })),
  }),
  /** What a stopped run had left open was closed, and its branches deleted (effect `clean-up`). */
  z.object({
    type: z.literal('cleaned.up'),
    effect: z.string(),
    pulls: z.array(z.object({ leg: LegKey, pull: PullRequest, head: HeadSha })),
  }),
  /** Failing jobs were started again, or could not be (effect `rerun-checks`). */
  z.object({
    type: z.literal('checks.rerun'),
    effect: z.string(),
    rerun: z.int().nonnegative(),
    refused: z.string().nullable(),
  }),

  /** A webhook hints that a pull request's review changed: ask. */
  z.object({ type: z.literal('reviews.changed'), leg: LegKey }),
  /** GitHub was asked (effect `ask-reviews`). */
  z.object({ type: z.literal('reviews.reported'), effect: z.string(), legs: z.array(ReviewSeen) }),
  /** The conversations were answered in place (effect `answer-threads`). */
  z.object({ type: z.literal('threads.answered'), effect: z.string(), answered: z.int().nonnegative() }),

  /** An issue was filed, or found filed (effect `file-ticket`). */
  z.object({
    type: z.literal('ticket.filed'),
    effect: z.string(),
    repository: z.string(),
    number: z.int().positive(),
    url: z.url(),
  }),
  /** A webhook hints that a deployment changed: ask. */
  z.object({ type: z.literal('deployments.changed'), leg: LegKey }),
  /** Deployments were created or found, and stand like this (effects `create-deployments`, `ask-deployments`). */
  z.object({ type: z.literal('deployments.reported'), effect: z.string(), deployments: z.array(DeploymentSeen) }),
  /** A release was looked at (effect `ask-release`). */
  z.object({ type: z.literal('release.reported'), effect: z.string(), signals: z.array(Signal) }),

  /** A workflow's script went on as far as it could (effect `advance-workflow`). */
  z.object({
    type: z.literal('workflow.advanced'),
    effect: z.string(),
    /** Calls that have a place now. */
    start: z.array(CallToStart).max(CALLS_AT_ONCE),
    /** Every question that is open. */
    checkpoints: z.array(Checkpoint).max(CALLS_AT_ONCE),
    phases: z.array(PhaseCount).max(PHASES_MAX),
    log: z.array(z.string().max(2_000)).max(LOG_LINES_MAX),
    /** Lines of its log so far, with these. */
    logged: z.int().nonnegative(),
    /** After it began again: calls whose results the journal had. */
    replayed: z.int().nonnegative().nullable(),
    script: ScriptState,
  }),

  /**
   * A repository has another name, address, default branch or owner; its id stays (ING-9). `defaultBranch` is null where
   * it is as before.
   */
  z.object({
    type: z.literal('repository.renamed'),
    repositoryId: z.int().positive(),
    repository: FullName,
    cloneUrl: z.url(),
    defaultBranch: z.object({ from: z.string(), to: z.string() }).nullable(),
    /** The installation that reaches it now. */
    installationId: z.int().positive(),
  }),

  /** An effect used up its attempts. */
  z.object({ type: z.literal('effect.failed'), effect: z.string(), failure: Failure }),

  /** A timer that a step set is due. */
  z.object({ type: z.literal('timer.fired'), timer: z.string() }),

  z.object({ type: z.literal('command.approve'), ...person, hash: z.string().nullable(), text: z.string().nullable() }),
  z.object({ type: z.literal('command.changes'), ...person, text: z.string() }),
  /** For the agent that is at work. */
  z.object({ type: z.literal('command.tell'), ...person, text: z.string().min(1) }),
  z.object({ type: z.literal('command.reject'), ...person, why: z.string() }),
  z.object({ type: z.literal('command.retry'), ...person }),
  z.object({ type: z.literal('command.restart'), ...person, step: StepId }),
  z.object({ type: z.literal('command.extra-round'), ...person }),
  z.object({ type: z.literal('command.proceed'), ...person }),
  z.object({ type: z.literal('command.merge'), ...person }),
  /** `clean`: what is left open is closed, and the work branches go. */
  z.object({ type: z.literal('command.stop'), ...person, why: z.string(), clean: z.literal(true).optional() }),
  z.object({ type: z.literal('command.pause'), ...person, why: z.string(), cause: z.enum(['person', 'installation']) }),
  /** `edited`: goes on with the workflow's script as it is now; `workflows` are its scripts by name, as they are kept. */
  z.object({
    type: z.literal('command.resume'),
    ...person,
    edited: z.object({ workflows: z.record(z.string(), z.string()), replays: z.int().nonnegative() }).optional(),
  }),
  z.object({ type: z.literal('command.skip'), ...person, step: StepId, why: z.string() }),
  /** `id` names a question; null where there is only one thing to answer. `dismiss`: it needs no answer. */
  z.object({ type: z.literal('command.answer'), ...person, id: z.string().nullable(), text: z.string(), dismiss: z.boolean() }),
  /** A role of the run works with another model, from its next job on. */
  z.object({ type: z.literal('command.model'), ...person, role: z.string().max(100), model: z.string().min(1).max(200) }),
  /** What was noticed on the way becomes an issue. */
  z.object({ type: z.literal('command.file'), ...person, followUp: z.string().max(10) }),
  z.object({ type: z.literal('command.revert'), ...person }),
  /** The run may spend so much more, in USD. */
  z.object({ type: z.literal('command.budget'), ...person, addUsd: UsdLimit }),
])
export type RunEvent = z.infer<typeof RunEvent>
export type RunEventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>
