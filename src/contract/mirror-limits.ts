/** How much all of a runner's mirrors may take together, unless `RUNNER_MIRRORS_MAX_BYTES` says otherwise, in bytes: 20 GiB. */
export const DEFAULT_MIRRORS_MAX_BYTES = 20 * 1024 ** 3
/** Least that `RUNNER_MIRRORS_MAX_BYTES` may be, in bytes: 100 MiB. */
export const MIRRORS_MIN_BYTES = 100 * 1024 ** 2
/** Most that `RUNNER_MIRRORS_MAX_BYTES` may be, in bytes: 100 TiB. */
export const MIRRORS_LIMIT_BYTES = 100 * 1024 ** 4
