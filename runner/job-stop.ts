/** Why a job is stopped from outside. */
export type StopReason =
  /** The app does not want it any more. Final. With `keep` the work so far is pushed as a checkpoint. */
  | { readonly kind: 'cancelled'; readonly reason: string; readonly keep: boolean }
  /** This runner shuts down: the work so far is pushed and another start goes on. */
  | { readonly kind: 'shutdown' }
  /** The queue or another process has taken the job over: nothing may be pushed or reported any more. */
  | { readonly kind: 'lost' }

/** The one place where a job's stopping is asked for and seen. The first reason stands, but that `lost` beats `shutdown`. */
export interface JobStop {
  readonly signal: AbortSignal
  stop(reason: StopReason): void
  reason(): StopReason | null
}

export function createJobStop(): JobStop {
  const controller = new AbortController()
  let first: StopReason | null = null
  return {
    signal: controller.signal,
    stop(reason) {
      if (first === null || (reason.kind === 'lost' && first.kind === 'shutdown')) first = reason
      controller.abort()
    },
    reason: () => first,
  }
}
