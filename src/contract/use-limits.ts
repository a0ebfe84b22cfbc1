/** What one job may use of its runner's machine in sum. */

const MIB = 1024 ** 2
const GIB = 1024 ** 3
const TIB = 1024 ** 4

/** The variables that set it, each a whole number with a default and bounds. Both app and runner read them. */
export const USE_SETTINGS = {
  /** How much a job may write to the disk beside its checkouts, in bytes. */
  RUNNER_JOB_MAX_BYTES: { default: 20 * GIB, min: 100 * MIB, max: 100 * TIB, unit: 'bytes' },
  /** How many files and folders a job may make or change. */
  RUNNER_JOB_MAX_FILES: { default: 1_000_000, min: 10_000, max: 1_000_000_000, unit: 'files' },
  /** What stays free of the disk, in bytes. */
  RUNNER_DISK_FREE_BYTES: { default: 2 * GIB, min: 0, max: 100 * TIB, unit: 'bytes' },
  /** How much memory the processes of a job may hold, in bytes. */
  RUNNER_JOB_MEMORY_BYTES: { default: 8 * GIB, min: 256 * MIB, max: 100 * TIB, unit: 'bytes' },
} as const

/** What is watched. */
export interface UseLimits {
  /** Written to the disk by one job, in bytes. */
  readonly diskBytes: number
  /** Files and folders made or changed by one job. */
  readonly files: number
  /** Kept free of the disk, in bytes; below it the job ends that has written most. */
  readonly freeBytes: number
  /** Held in memory by the processes of one job, in bytes. */
  readonly memoryBytes: number
}

/** The limits that these variables come to. */
export function useLimits(given: Readonly<Record<keyof typeof USE_SETTINGS, number>>): UseLimits {
  return {
    diskBytes: given.RUNNER_JOB_MAX_BYTES,
    files: given.RUNNER_JOB_MAX_FILES,
    freeBytes: given.RUNNER_DISK_FREE_BYTES,
    memoryBytes: given.RUNNER_JOB_MEMORY_BYTES,
  }
}

/** Where nobody says otherwise. */
export const DEFAULT_USE_LIMITS: UseLimits = {
  diskBytes: USE_SETTINGS.RUNNER_JOB_MAX_BYTES.default,
  files: USE_SETTINGS.RUNNER_JOB_MAX_FILES.default,
  freeBytes: USE_SETTINGS.RUNNER_DISK_FREE_BYTES.default,
  memoryBytes: USE_SETTINGS.RUNNER_JOB_MEMORY_BYTES.default,
}
