/** What people are told of a job that used too much. Another attempt of the same would do the same: a person decides. */
import { type Failure, SwitchyardError } from '../../src/contract/failure.ts'
import type { DiskUse } from './disk-use.ts'

/** Thrown for a job that was ended for what it used. What it left is not looked at: it may be what would not end. */
export class UsedTooMuchError extends SwitchyardError {
  constructor(failure: Failure) {
    super(failure)
    this.name = 'UsedTooMuchError'
  }
}

const failure = (message: string): Failure => ({ cause: 'agent', message, retryable: false })

/** Null where the job has written no more than it may. */
export function passed({ bytes, files }: DiskUse, most: DiskUse): Failure | null {
  if (bytes > most.bytes)
    return failure(
      `What the job ran wrote more than ${inGib(most.bytes)} to the runner's disk, and was ended (RUNNER_JOB_MAX_BYTES).`,
    )
  if (files > most.files)
    return failure(
      `What the job ran made more than ${most.files} files on the runner's disk, and was ended (RUNNER_JOB_MAX_FILES).`,
    )
  return null
}

/** The disk is nearly full, and this job has the largest part in it. */
export function diskLow(freeBytes: number, { bytes, files }: DiskUse): Failure {
  return failure(
    `The runner's disk is nearly full (${inGib(freeBytes)} are to stay free: RUNNER_DISK_FREE_BYTES). Of its jobs this one had written most, ${inGib(bytes)} in ${files} files, and was ended.`,
  )
}

export function memoryPassed(bytes: number): Failure {
  return failure(`What the job ran held more than ${inGib(bytes)} of memory, and was ended (RUNNER_JOB_MEMORY_BYTES).`)
}

function inGib(bytes: number): string {
  const gib = bytes / 1024 ** 3
  return gib >= 1 ? `${Number(gib.toFixed(1))} GiB` : `${Math.round(bytes / 1024 ** 2)} MiB`
}
