import type { Logger } from 'pino'
import type { TokenAnswer } from '../../contract/api.ts'
import type { JobId } from '../../contract/ids.ts'

/** How long a new start waits for GitHub to end the tokens of the one before, in ms. */
const TAKE_BACK_MS = 5_000

/**
 * The tokens that jobs have, from being given to being ended: by their runner after the one operation they were for; with the
 * job; and by its next start. The last is the lease on a job's branches: a start gets no new token once there is another one,
 * and what it was given before, and may have in a push that is on its way, is taken back.
 *
 * They are kept in memory only, until they expire: a token is never stored. GitHub ends a token for whoever has it and for
 * nobody else, so a runner can say of any process of the app that one is used, but only the process that gave it can take it
 * back. One that is not taken back ends within the hour, and a late push with it is no fast-forward.
 */
export interface JobTokens {
  given(job: JobId, token: TokenAnswer): void
  /** Ends one that has done its operation, whichever process gave it. Where GitHub refuses, it ends within the hour. */
  used(job: JobId, token: string): Promise<void>
  /** Ends what the job still has. Gives up after 5 s, or when GitHub refuses. */
  takeBack(job: JobId): Promise<void>
}

/** @param revoke has GitHub end a token, by itself */
export function createJobTokens(revoke: (token: string) => Promise<void>, log: Logger, now: () => number): JobTokens {
  const tokens = new Map<JobId, TokenAnswer[]>()
  function keep(job: JobId, which: (token: TokenAnswer) => boolean): void {
    const kept = (tokens.get(job) ?? []).filter(which)
    if (kept.length === 0) tokens.delete(job)
    else tokens.set(job, kept)
  }
  return {
    given(job, token) {
      for (const each of tokens.keys()) keep(each, ({ expiresAt }) => Date.parse(expiresAt) > now())
      tokens.set(job, [...(tokens.get(job) ?? []), token])
    },
    async used(job, used) {
      keep(job, ({ token }) => token !== used)
      // Nothing of the error goes into the log: it came of a request that the token was part of.
      await revoke(used).catch(() => log.info({ job }, 'A used token could not be ended; it expires within the hour'))
    },
    async takeBack(job) {
      const given = tokens.get(job) ?? []
      tokens.delete(job)
      if (given.length === 0) return
      const all = Promise.allSettled(given.map(({ token }) => revoke(token)))
      const late = new Promise<'late'>((resolve) => setTimeout(resolve, TAKE_BACK_MS, 'late').unref())
      const ended = await Promise.race([all, late])
      const failed = ended === 'late' ? given.length : ended.filter(({ status }) => status === 'rejected').length
      if (failed > 0) log.warn({ job, tokens: failed }, 'Tokens of a job could not be taken back; they expire within the hour')
    },
  }
}
