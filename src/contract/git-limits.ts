/** How long a transfer of git's may bring nothing, unless `RUNNER_GIT_STALL_SECONDS` says otherwise, in seconds. */
export const DEFAULT_GIT_STALL_SECONDS = 60
/** Least that `RUNNER_GIT_STALL_SECONDS` may be: a server of git says every five seconds that it still works. */
export const GIT_STALL_MIN_SECONDS = 10
/** Most that `RUNNER_GIT_STALL_SECONDS` may be: a fetch or a push is stopped after that anyway. */
export const GIT_STALL_MAX_SECONDS = 600
