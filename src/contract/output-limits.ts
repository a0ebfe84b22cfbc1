import { z } from 'zod'
import { Guarded } from './protection.ts'

/** Largest patch of a repository that a job pushes by itself, in bytes. */
export const PATCH_MAX_BYTES = 4 * 1024 * 1024
/** Most files that a job changes in a repository by itself. */
export const FILES_MAX = 300
/** Largest file that a job pushes by itself, in bytes. */
export const FILE_MAX_BYTES = 1024 * 1024
/** How many of the largest files are named. */
const LARGEST_MAX = 5

/** How much a job may bring to one repository without a person's word (GRD-2). */
export const OutputLimits = z.object({
  patchBytes: z.int().positive().default(PATCH_MAX_BYTES),
  files: z.int().positive().default(FILES_MAX),
  fileBytes: z.int().positive().default(FILE_MAX_BYTES),
})
export type OutputLimits = z.infer<typeof OutputLimits>

/** How much a job would bring to one repository. */
export const OutputSize = z.object({
  patchBytes: z.int().nonnegative(),
  files: z.int().nonnegative(),
  /** Of the largest file as it is afterwards. */
  fileBytes: z.int().nonnegative(),
})
export type OutputSize = z.infer<typeof OutputSize>

/** Work that is over a limit, or has a guarded part: nothing of it was pushed. */
export const HeldOutput = z.object({
  measured: OutputSize,
  limits: OutputLimits,
  /** The largest files among it, the largest first. */
  largest: z.array(z.object({ path: z.string(), bytes: z.int().nonnegative() })).max(LARGEST_MAX),
  /** What a person has to let through by its hash, whatever the size. */
  guarded: Guarded.optional(),
})
export type HeldOutput = z.infer<typeof HeldOutput>

/** The few largest. */
export function largestOf(files: HeldOutput['largest']): HeldOutput['largest'] {
  return files.toSorted((a, b) => b.bytes - a.bytes).slice(0, LARGEST_MAX)
}

/** Whether any limit is exceeded; what is exactly at one is within it. */
export function isOver(size: OutputSize, limits: OutputLimits): boolean {
  return size.patchBytes > limits.patchBytes || size.files > limits.files || size.fileBytes > limits.fileBytes
}
