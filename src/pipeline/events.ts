/**
 * What can happen to a run: a closed list. Raw GitHub payloads stop before this; permission was checked before an
 * event with an actor was made.
 */
import { z } from 'zod'
import { Failure } from '../contract/failure.ts'
import { HeadSha, JobId, LegKey, StepId } from '../contract/ids.ts'
import { JobResult } from '../contract/job.ts'
import { Actor, PullRequest, Trigger } from './model.ts'

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
})
export type PullSeen = z.infer<typeof PullSeen>

const person = { actor: Actor, trigger: Trigger }

export const RunEvent = z.discriminatedUnion('type', [
  /** A place is free: enter the first step. */
  z.object({ type: z.literal('run.admitted') }),

  /** The runner reported a result for a job. */
  z.object({ type: z.literal('job.finished'), job: JobId, result: JobResult }),
  /** A job is not in the queue any more and no result came. */
  z.object({ type: z.literal('job.lost'), job: JobId, why: z.string() }),

  /** A webhook hints that checks of a head changed: ask. */
  z.object({ type: z.literal('checks.changed'), leg: LegKey, head: HeadSha }),
  /** GitHub was asked (effect `ask-checks`). */
  z.object({ type: z.literal('checks.reported'), effect: z.string(), legs: z.array(LegChecks) }),
  /** GitHub was asked (effect `ask-pulls`). */
  z.object({ type: z.literal('pulls.reported'), effect: z.string(), pulls: z.array(PullSeen), checks: z.array(LegChecks) }),
  /** A webhook says that a leg's pull request changed: closed, merged, pushed to. */
  z.object({ type: z.literal('pull.changed'), leg: LegKey, pull: PullRequest, head: HeadSha, by: z.string() }),
  /** Opening (or finding) pull requests is through, for each leg by itself (effect `open-pulls`). */
  z.object({
    type: z.literal('pulls.opened'),
    effect: z.string(),
    opened: z.array(z.object({ leg: LegKey, pull: PullRequest })),
    failed: z.array(z.object({ leg: LegKey, failure: Failure })),
  }),
  /** One pull request was merged at this head (effect `merge-pull`), now or by an earlier execution. */
  z.object({ type: z.literal('pull.merged'), effect: z.string(), leg: LegKey, head: HeadSha, pull: PullRequest }),
  /** GitHub refused to merge: head moved, not mergeable, protected. */
  z.object({ type: z.literal('merge.refused'), effect: z.string(), leg: LegKey, failure: Failure }),
  /** An effect used up its attempts. */
  z.object({ type: z.literal('effect.failed'), effect: z.string(), failure: Failure }),

  /** A timer that a step set is due. */
  z.object({ type: z.literal('timer.fired'), timer: z.string() }),

  z.object({ type: z.literal('command.approve'), ...person, hash: z.string().nullable(), text: z.string().nullable() }),
  z.object({ type: z.literal('command.changes'), ...person, text: z.string() }),
  z.object({ type: z.literal('command.reject'), ...person, why: z.string() }),
  z.object({ type: z.literal('command.retry'), ...person }),
  z.object({ type: z.literal('command.restart'), ...person, step: StepId }),
  z.object({ type: z.literal('command.extra-round'), ...person }),
  z.object({ type: z.literal('command.proceed'), ...person }),
  z.object({ type: z.literal('command.merge'), ...person }),
  z.object({ type: z.literal('command.stop'), ...person, why: z.string() }),
])
export type RunEvent = z.infer<typeof RunEvent>
export type RunEventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>
