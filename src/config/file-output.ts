/** The part of `.github/switchyard.yml` that says how much a job may bring by itself (GRD-2). */
import { z } from 'zod'
import { FILE_MAX_BYTES, FILES_MAX, OutputLimits, PATCH_MAX_BYTES } from '../contract/output-limits.ts'

const KIB = 1024
/** Largest patch that can be allowed, in KiB. */
const PATCH_MOST_KIB = 1024 * 1024
/** Most files that can be allowed. */
const FILES_MOST = 100_000
/** Largest file that can be allowed, in KiB; GitHub takes none that is larger. */
const FILE_MOST_KIB = 100 * 1024

function limit(most: number, description: string, fallback: number) {
  return z.int().min(1).max(most).optional().describe(`${description} Left out: ${fallback}.`)
}

export const OutputFile = z
  .strictObject({
    patchKiB: limit(PATCH_MOST_KIB, 'Largest patch, in KiB.', PATCH_MAX_BYTES / KIB),
    files: limit(FILES_MOST, 'Most changed files.', FILES_MAX),
    fileKiB: limit(FILE_MOST_KIB, 'Largest single file, in KiB.', FILE_MAX_BYTES / KIB),
  })
  .describe(
    'How much one job may bring to a repository by itself. Over it nothing is pushed there, and a person decides: push it all the same, or have it done again.',
  )
export type OutputFile = z.infer<typeof OutputFile>

/** The limits in bytes; what the file leaves out is the default. */
export function outputLimits({ patchKiB, files, fileKiB }: OutputFile): OutputLimits {
  return OutputLimits.parse({
    ...(patchKiB === undefined ? {} : { patchBytes: patchKiB * KIB }),
    ...(files === undefined ? {} : { files }),
    ...(fileKiB === undefined ? {} : { fileBytes: fileKiB * KIB }),
  })
}
