/**
 * What a failed job leads to by itself (FAIL-2): nothing, another attempt in the same or a fresh session, or a wait until
 * a time. Infrastructure causes have a budget of their own; the agent's word can lower what is allowed, never raise it.
 */
import type { Cause, Failure } from '../contract/failure.ts'
import type { Instant, Step } from './model.ts'
import type { RetrySettings } from './run-settings.ts'

/** `wait`: until the time the failure names, or growing pauses; it costs the infrastructure's budget. */
export type RetryPolicy = 'never' | 'same-session' | 'fresh-session' | 'infrastructure' | 'wait'

/** One policy for each cause. */
export const RETRY_POLICIES: Readonly<Record<Cause, RetryPolicy>> = {
  config: 'never',
  permission: 'never',
  rejected: 'never',
  stopped: 'never',
  /** Somebody has to say more exactly what is wanted. */
  'no-changes': 'never',
  /** These have budgets of their own, in their steps. */
  conflict: 'never',
  ci: 'never',
  tests: 'never',
  companion: 'never',
  /** The run is paused for it, see the spend gate. */
  budget: 'never',
  'timeout-inactivity': 'same-session',
  'timeout-duration': 'same-session',
  agent: 'fresh-session',
  'no-usable-output': 'fresh-session',
  'no-progress': 'fresh-session',
  dispatch: 'infrastructure',
  evicted: 'infrastructure',
  git: 'infrastructure',
  api: 'infrastructure',
  internal: 'infrastructure',
  model: 'wait',
  'rate-limit': 'wait',
}

/** Another attempt, and when. */
export interface Retry {
  at: Instant
  session: 'same' | 'fresh'
  retries: Step['retries']
}

/** The longest pause that growing makes, in ms. */
const MAX_GROWN_MS = 60 * 60_000

/** The next attempt after this failure, or null where a person has to say what becomes of it. */
export function nextAttempt(failure: Failure, step: Step, settings: RetrySettings, now: Instant): Retry | null {
  const policy = RETRY_POLICIES[failure.cause]
  const { own, infrastructure } = step.retries
  const soonest = now + settings.gapMs
  switch (policy) {
    case 'never':
      return null
    case 'same-session':
    case 'fresh-session':
      if (failure.retryable === false || own >= settings.cap) return null
      return {
        at: Math.max(soonest, failure.retryAt ?? 0),
        session: policy === 'same-session' ? 'same' : 'fresh',
        retries: { own: own + 1, infrastructure },
      }
    case 'infrastructure':
    case 'wait': {
      if (infrastructure >= settings.infrastructure) return null
      const grown = policy === 'wait' ? Math.min(settings.gapMs * 2 ** infrastructure, MAX_GROWN_MS) : settings.gapMs
      return {
        at: Math.max(now + Math.max(grown, settings.gapMs), failure.retryAt ?? 0),
        session: 'same',
        retries: { own, infrastructure: infrastructure + 1 },
      }
    }
  }
}
