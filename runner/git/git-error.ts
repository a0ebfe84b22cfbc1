import { SwitchyardError } from '../../src/contract/failure.ts'

/** How a git command failed, beyond its words. */
export type GitFailureKind = 'exit' | 'timeout' | 'too-much-output' | 'cancelled' | 'refused'

/** A git command that failed; the message and detail are redacted. Cause `git`. */
export class GitError extends SwitchyardError {
  readonly kind: GitFailureKind
  readonly exitCode: number | undefined

  constructor(
    failure: { message: string; detail?: string | undefined; kind: GitFailureKind; exitCode?: number | undefined },
    options?: ErrorOptions,
  ) {
    const detail = failure.detail === undefined || failure.detail === '' ? {} : { detail: failure.detail.slice(-20_000) }
    super({ cause: 'git', message: failure.message.slice(0, 2_000), ...detail }, options)
    this.name = 'GitError'
    this.kind = failure.kind
    this.exitCode = failure.exitCode
  }
}
