import { z } from 'zod'

/** Identifies a run: lower-case letters and digits, so that it can stand in branch names, job ids and URLs. */
export const RunId = z
  .string()
  .regex(/^[a-z0-9]{4,26}$/)
  .brand<'RunId'>()
export type RunId = z.infer<typeof RunId>

/** A step's name within its pipeline, unique there. */
export const StepId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/)
  .brand<'StepId'>()
export type StepId = z.infer<typeof StepId>

/** `run-step-epoch`: names one attempt of one step, so that a late result can be told from a current one. */
export const JobId = z
  .string()
  .regex(/^[a-z0-9]{4,26}-[a-z][a-z0-9-]{0,39}-\d{1,6}$/)
  .brand<'JobId'>()
export type JobId = z.infer<typeof JobId>

/** The id of the job that an attempt of a step asks for. */
export function jobId(run: RunId, step: StepId, epoch: number): JobId {
  return JobId.parse(`${run}-${step}-${epoch}`)
}

/** A full commit id (SHA-1 or SHA-256). */
export const HeadSha = z
  .string()
  .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/)
  .brand<'HeadSha'>()
export type HeadSha = z.infer<typeof HeadSha>

/** A leg's key within its run: `owner__name`, with a digest where two would collide. It is also the leg's folder. */
export const LegKey = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,120}$/)
  .brand<'LegKey'>()
export type LegKey = z.infer<typeof LegKey>

/** `owner/name` as GitHub spells it. */
export const FullName = z.string().regex(/^[A-Za-z0-9_.-]+\/[A-Za-z0-9_.-]+$/)
