/**
 * Which notice a run has open (NOT-1): that somebody has to do something, and why. Derived from the run alone, so that it
 * opens with the wait and is closed with it; a later wait opens a new one. A run has one at most, as it has one active step.
 */
import { z } from 'zod'
import type { Cause } from '../contract/failure.ts'
import type { Run, Step, Wait } from './model.ts'
import { activeStep, isAdopted, openLegs } from './state.ts'

/** What a notice is about; a closed list. */
export const NoticeKind = z.enum([
  'needs-you',
  'ready-to-merge',
  'ci-failed',
  'tests-failed',
  'release-regression',
  'budget',
  'config-broken',
])
export type NoticeKind = z.infer<typeof NoticeKind>

export const Notice = z.object({
  kind: NoticeKind,
  /** What it is about within the run: a step's id, `pulls` for closed pull requests, `run` for the run as a whole. */
  subject: z.string(),
  /** It has waited for so long that it is said once more. */
  reminder: z.boolean(),
})
export type Notice = z.infer<typeof Notice>

/** The notice that is open now; null where nobody has to do anything. */
export function noticeOf(run: Run): Notice | null {
  const { status } = run
  switch (status.state) {
    case 'queued':
    case 'stopped':
      return null
    case 'active':
      return waitNotice(run)
    case 'paused':
      switch (status.cause) {
        case 'pull-closed':
          return opened('needs-you', 'pulls')
        case 'budget':
          return opened('budget', 'run')
        case 'installation':
          return null
        // Held by somebody's will: what was open stays open, so that going on does not say it anew.
        case 'person':
          return waitNotice(run)
      }
      return null
    case 'failed': {
      const kind = failureKind(status.failure.cause)
      return kind === null ? null : opened(kind, status.step)
    }
    case 'done':
      return status.outcome === 'ready' && leavesPulls(run) ? opened('ready-to-merge', 'run') : null
  }
}

/** What is to be said after a decision: a notice that was not open before, or the reminder of one that was. */
export function noticeToSend(before: Run, after: Run): Notice | null {
  const now = noticeOf(after)
  if (now === null) return null
  const open = noticeOf(before)
  const known = open !== null && open.kind === now.kind && open.subject === now.subject
  return known && (open.reminder || !now.reminder) ? null : now
}

/** Whether a notice is still what the run has to say: what was answered meanwhile is not told any more. */
export function isOpen(run: Run, { kind, subject, reminder }: Notice): boolean {
  const open = noticeOf(run)
  return open !== null && open.kind === kind && open.subject === subject && (open.reminder || !reminder)
}

function opened(kind: NoticeKind, subject: string): Notice {
  return { kind, subject, reminder: false }
}

function waitNotice(run: Run): Notice | null {
  const step = activeStep(run)
  if (step === null) return null
  const { wait } = step.status
  return wait.for === 'person' ? { kind: waitKind(step, wait.what), subject: step.id, reminder: wait.escalated } : null
}

function waitKind({ kind }: Step, what: Extract<Wait, { for: 'person' }>['what']): NoticeKind {
  switch (what) {
    case 'merge':
      return 'ready-to-merge'
    case 'regression':
      return 'release-regression'
    case 'cap':
    case 'evidence':
      return kind === 'ci' ? 'ci-failed' : kind === 'test' || kind === 'validate' ? 'tests-failed' : 'needs-you'
    case 'approve':
    case 'answers':
    case 'decision':
    case 'checkpoint':
      return 'needs-you'
  }
}

/** Null where a person ended it: they know, and nobody is asked for anything. */
function failureKind(cause: Cause): NoticeKind | null {
  switch (cause) {
    case 'ci':
      return 'ci-failed'
    case 'tests':
      return 'tests-failed'
    case 'config':
      return 'config-broken'
    case 'budget':
      return 'budget'
    case 'rejected':
    case 'stopped':
      return null
    default:
      return 'needs-you'
  }
}

/** Whether it leaves pull requests of its own that wait to be merged. */
function leavesPulls(run: Run): boolean {
  return openLegs(run).some((leg) => leg.pull?.state === 'open' && !isAdopted(run, leg))
}
