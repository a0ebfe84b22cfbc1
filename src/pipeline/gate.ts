/**
 * What the gates that send an agent have in common (GATE-1): they look first, have an agent work only on a bad answer, look
 * again, and count by evidence. Evidence that one has worked on already means a person, not another round.
 */
import { z } from 'zod'
import type { Cause, Failure } from '../contract/failure.ts'
import type { JobResult } from '../contract/job.ts'
import { headsKey } from './checks-verdict.ts'
import type { RunEventOf } from './events.ts'
import { jobOutcome } from './job-outcome.ts'
import type { Run, Wait } from './model.ts'
import type { LegHead } from './outputs.ts'
import { currentHeads, legOf } from './state.ts'
import type { LegPatch, Outcome, RawContext } from './step-kind.ts'

/** How many pieces of evidence a gate remembers. */
const EVIDENCE_MAX = 100

/** What a gate remembers over its rounds, for its state's schema. */
export const attempts = {
  /** Agents that worked on it to their end, also in vain; one that was lost on the way is not counted. */
  fixes: z.int().nonnegative(),
  /** Fixes beyond the configured ones that a person granted. */
  granted: z.int().nonnegative(),
  /** Evidence that was worked on, by its key. */
  evidence: z.array(z.string()).max(EVIDENCE_MAX),
}
export interface Attempts {
  fixes: number
  granted: number
  evidence: string[]
}

export const NO_ATTEMPTS: Attempts = { fixes: 0, granted: 0, evidence: [] }

/** The attempts in a gate's state, without what belongs to its phase. */
export function attemptsOf({ fixes, granted, evidence }: Attempts): Attempts {
  return { fixes, granted, evidence }
}

/** One more attempt is over, and what it was sent for has been worked on. */
export function attempted(memory: Attempts, key: string): Attempts {
  const evidence = [...memory.evidence.filter((known) => known !== key), key].slice(-EVIDENCE_MAX)
  return { ...attemptsOf(memory), fixes: memory.fixes + 1, evidence }
}

/** Why a person has to say how it goes on; null where another attempt is due. */
export function stuckBy(memory: Attempts, key: string, most: number): 'evidence' | 'cap' | null {
  if (memory.evidence.includes(key)) return 'evidence'
  return memory.fixes >= most + memory.granted ? 'cap' : null
}

/** The failure that a job broke off with; null where it came to its end, if only in vain: `inVain` are causes that say so. */
export function brokenOff(result: JobResult, inVain: readonly Cause[]): Failure | null {
  const outcome = jobOutcome(result)
  return outcome.kind === 'failed' && !inVain.includes(outcome.failure.cause) ? outcome.failure : null
}

/** Waits for a person, and escalates if nobody comes. */
export function awaitPerson(
  { now, run }: Pick<RawContext, 'now' | 'run'>,
  what: Extract<Wait, { for: 'person' }>['what'],
): Pick<Outcome, 'timers' | 'next'> {
  const escalateAt = now + run.settings.escalateMs
  return {
    timers: [{ name: 'escalate', at: escalateAt }],
    next: { go: 'wait', wait: { for: 'person', what, escalateAt, escalated: false } },
  }
}

/**
 * Heads that were pushed while a job looked at other ones, the newest of each repository. The legs do not take them over
 * while a job is waited for (its own checkpoints look the same from outside), so the step has to keep them.
 */
export function pushedMeanwhile(
  moved: readonly LegHead[],
  looked: readonly LegHead[],
  { leg, head, pull }: RunEventOf<'pull.changed'>,
): LegHead[] {
  const others = moved.filter((other) => other.leg !== leg)
  const known = looked.find((other) => other.leg === leg)
  return known === undefined || known.head === head || pull.state === 'merged' ? others : [...others, { leg, head }]
}

/**
 * The legs as a job's result and the pushes beside it leave them. What the job saw of a branch is newer than the push it
 * was told of before. A verdict for `looked` holds only where `same` is true.
 */
export function afterLooking(
  run: Run,
  looked: readonly LegHead[],
  moved: readonly LegHead[],
): { same: boolean; heads: LegHead[]; legs: LegPatch[] } {
  const legs = moved.filter(({ leg }) => {
    const seen = looked.find((other) => other.leg === leg)
    const now = legOf(run, leg)
    return seen !== undefined && now.head === seen.head && now.mergedSha === null
  })
  const heads = currentHeads(run).map((own) => legs.find(({ leg }) => leg === own.leg) ?? own)
  return { same: headsKey(heads) === headsKey(looked), heads, legs: [...legs] }
}

/** `2 fixes`, or nothing where there was none. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return count === 0 ? '' : `${count} ${count === 1 ? one : many}`
}

/** Those of the parts that say something, with commas between them. */
export function together(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(', ')
}
