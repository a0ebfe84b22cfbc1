import { z } from 'zod'

/** Why something failed. A closed list: each cause has one sentence for people and one retry policy. */
export const Cause = z.enum([
  'config',
  'permission',
  'dispatch',
  'evicted',
  'timeout-inactivity',
  'timeout-duration',
  'agent',
  'git',
  'api',
  'model',
  'rate-limit',
  'budget',
  'no-usable-output',
  'no-changes',
  'no-progress',
  'conflict',
  'ci',
  'tests',
  'companion',
  'rejected',
  'stopped',
  'internal',
])
export type Cause = z.infer<typeof Cause>

/** What failed, in words for people. Secrets are redacted before one of these is made. */
export const Failure = z.object({
  cause: Cause,
  /** One sentence: what happened, and where. */
  message: z.string().max(2_000),
  /** Evidence for people, shown folded: the end of a log, the paths at fault. */
  detail: z.string().max(20_000).optional(),
  /** When trying again makes sense, in ms since the epoch, where somebody said so (a rate limit's reset). */
  retryAt: z.int().nonnegative().optional(),
  /** The agent's own word on whether another attempt could help: false keeps it from one, true allows one. */
  retryable: z.boolean().optional(),
})
export type Failure = z.infer<typeof Failure>

/** An error that knows its cause from the closed list and keeps the original as `cause`. */
export class SwitchyardError extends Error {
  readonly failure: Failure

  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.message, options)
    this.name = 'SwitchyardError'
    this.failure = failure
  }
}

/** The failure an unknown error stands for: its own where it has one, else `fallback` with its message. */
export function failureOf(error: unknown, fallback: Cause): Failure {
  if (error instanceof SwitchyardError) return error.failure
  const message = error instanceof Error ? error.message : String(error)
  return { cause: fallback, message: message.slice(0, 2_000) }
}
