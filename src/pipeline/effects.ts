/**
 * What a decision wants done outside the store: a closed list. Every one has a deterministic id, is written to the
 * outbox with the run, and is carried out by the handler of its name in `src/effects/`, which looks before it creates.
 */
import { z } from 'zod'
import { HeadSha, JobId, LegKey, StepId } from '../contract/ids.ts'
import { Actor, type Instant, Trigger } from './model.ts'

export const Effect = z.discriminatedUnion('kind', [
  /** Put an agent job into the queue. The handler builds its spec from the run as it is at this epoch. */
  z.object({
    kind: z.literal('enqueue-job'),
    id: z.string(),
    job: JobId,
    step: StepId,
    epoch: z.int().positive(),
    role: z.string(),
    mode: z.enum(['explore', 'code']),
    /** What a gate found, for its fixer. */
    evidence: z.string().max(100_000).nullable(),
  }),
  /** Have a job's runner stop it, and forget it in the queue. */
  z.object({ kind: z.literal('cancel-job'), id: z.string(), job: JobId, why: z.string() }),
  /** Open, or find, one draft pull request per leg; answers `pulls.opened`. */
  z.object({ kind: z.literal('open-pulls'), id: z.string(), legs: z.array(LegKey).min(1) }),
  /** Ask GitHub for the checks of these heads, after `delayMs` (a burst of hints costs one question); answers `checks.reported`. */
  z.object({
    kind: z.literal('ask-checks'),
    id: z.string(),
    legs: z.array(z.object({ leg: LegKey, head: HeadSha })).min(1),
    delayMs: z.int().nonnegative(),
  }),
  /** Take these legs' pull requests out of draft, then ask for their heads, mergeability and checks; answers `pulls.reported`. */
  z.object({ kind: z.literal('ask-pulls'), id: z.string(), legs: z.array(LegKey).min(1) }),
  /** Merge one pull request at exactly this head; answers `pull.merged` or `merge.refused`. */
  z.object({
    kind: z.literal('merge-pull'),
    id: z.string(),
    leg: LegKey,
    head: HeadSha,
    method: z.enum(['merge', 'squash', 'rebase']),
  }),
  /** Bring what GitHub shows of the run up to date: status comment, state label, check runs, pull-request bodies. */
  z.object({ kind: z.literal('show'), id: z.string() }),
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
