import type { Logger } from 'pino'
import type { TokenAnswer } from '../contract/api.ts'
import type { JobId } from '../contract/ids.ts'

/** How long a new start waits for GitHub to end the tokens of the one before, in ms. */
const TAKE_BACK_MS = 5_000

/**
 * The lease on a job's branches: only its current start can push. A start gets no new token once there is another one; what
 * it was given before, and may have in a push that is on its way, is taken back.
 */
export interface PushTokens {
  given(job: JobId, token: TokenAnswer): void
  /** Ends the job's tokens. Gives up after 5 s, or when GitHub refuses: a push that is late all the same is no fast-forward. */
  takeBack(job: JobId): Promise<void>
}

/** Kept in memory only, until they expire: a token is never stored. */
export function createPushTokens(revoke: (token: string) => Promise<void>, log: Logger, now: () => number): PushTokens {
  const tokens = new Map<JobId, TokenAnswer[]>()
  function forgetExpired(): void {
    for (const [job, given] of tokens) {
      const valid = given.filter(({ expiresAt }) => Date.parse(expiresAt) > now())
      if (valid.length === 0) tokens.delete(job)
      else tokens.set(job, valid)
    }
  }
  return {
    given(job, token) {
      forgetExpired()
      tokens.set(job, [...(tokens.get(job) ?? []), token])
    },
    async takeBack(job) {
      const given = tokens.get(job) ?? []
      tokens.delete(job)
      if (given.length === 0) return
      const all = Promise.allSettled(given.map(({ token }) => revoke(token)))
      const late = new Promise<'late'>((resolve) => setTimeout(resolve, TAKE_BACK_MS, 'late').unref())
      const ended = await Promise.race([all, late])
      const failed = ended === 'late' ? given.length : ended.filter(({ status }) => status === 'rejected').length
      if (failed > 0) log.warn({ job, tokens: failed }, 'Tokens of an earlier start could not be taken back')
    },
  }
}
