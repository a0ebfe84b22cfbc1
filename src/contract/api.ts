/**
 * The internal API: what a runner asks of the app, over HTTP, with `Authorization: Bearer <RUNNER_SECRET>`.
 * Paths are under the app's address (`APP_URL`). Answers other than 2xx carry {@link ApiError}.
 *
 * | request | body | answer |
 * |---|---|---|
 * | POST /internal/runners/heartbeat | RunnerHeartbeat | 204 |
 * | POST /internal/jobs/:job/start | StartRequest | 200 StartAnswer |
 * | POST /internal/jobs/:job/token | TokenRequest | 200 TokenAnswer; 409 when the job is over, cancelled or stale; 403 when the leg is not the job's |
 * | POST /internal/jobs/:job/token-end | TokenEnd | 204, also for a repeat, for an older start and for a job that is over |
 * | POST /internal/jobs/:job/model-call | ModelCallRequest | 200 ModelCallAnswer |
 * | POST /internal/jobs/:job/model-call-end | ModelCallEnd | 204, also for a repeat and for an older start: what was used was used |
 * | POST /internal/jobs/:job/progress | ProgressRequest | 200 Control |
 * | POST /internal/jobs/:job/hand-back | HandBackRequest | 204, also where the runner does not have it |
 * | GET /internal/jobs/:job/control | `?start=` (long poll, up to `CONTROL_POLL_MS`) | 200 Control |
 * | POST /internal/jobs/:job/result | ResultRequest | 204, also for a repeat; 409 when stale |
 */
import { z } from 'zod'
import { FOLLOW_UPS_MAX, FollowUp } from './follow-up.ts'
import { JobResult } from './job.ts'
import { JobProgress, LogLine } from './progress.ts'
import { DENIED_MAX, DeniedHost, RunnerSandboxState } from './sandbox.ts'

export const RUNNER_HEARTBEAT_PATH = '/internal/runners/heartbeat'

/** The path of one of a job's endpoints. */
export function jobPath(
  job: string,
  endpoint: 'start' | 'token' | 'token-end' | 'model-call' | 'model-call-end' | 'progress' | 'control' | 'hand-back' | 'result',
): string {
  return `/internal/jobs/${job}/${endpoint}`
}

/** How long the app holds a control poll open, in ms. */
export const CONTROL_POLL_MS = 15_000
/** How often a runner says that it lives, and that a job of its lives, in ms. */
export const HEARTBEAT_MS = 10_000
/** Shortest time between two progress messages of a job, in ms. */
export const PROGRESS_MIN_MS = 1_000

export const ApiError = z.object({ error: z.string(), message: z.string() })
export type ApiError = z.infer<typeof ApiError>

/** A runtime that a runner offers. */
export const OfferedRuntime = z.object({
  name: z.string(),
  version: z.string().nullable(),
  ready: z.boolean(),
  why: z.string().optional(),
})
export type OfferedRuntime = z.infer<typeof OfferedRuntime>

export const RunnerHeartbeat = z.object({
  runner: z.string().min(1).max(100),
  version: z.string(),
  concurrency: z.int().positive(),
  active: z.array(z.string()),
  runtimes: z.array(OfferedRuntime),
  /** Absent of a runner of an older version. */
  sandbox: RunnerSandboxState.optional(),
})
export type RunnerHeartbeat = z.infer<typeof RunnerHeartbeat>

/** `start` counts the starts of this job, from 1: a second start means that the first runner was lost. */
export const StartRequest = z.object({ runner: z.string().min(1).max(100) })
export const StartAnswer = z.discriminatedUnion('go', [
  /** `denied`: connections that were refused to the start before, which was lost. */
  z.object({ go: z.literal(true), start: z.int().positive(), denied: z.array(DeniedHost).max(DENIED_MAX).optional() }),
  /** The job is over, cancelled or superseded: acknowledge it in the queue and do nothing. */
  z.object({ go: z.literal(false), why: z.enum(['over', 'cancelled', 'stale', 'unknown', 'too-many-starts']) }),
])
export type StartAnswer = z.infer<typeof StartAnswer>

/** A runner that stops gives a job back: what it had is pushed as far as it could be, and another start goes on. */
export const HandBackRequest = z.object({ runner: z.string().min(1).max(100) })

/** A token for one repository and one operation, valid for an hour at most. */
export const TokenRequest = z.object({
  repositoryId: z.int().positive(),
  operation: z.enum(['fetch', 'push']),
  start: z.int().positive(),
})
export type TokenRequest = z.infer<typeof TokenRequest>
export const TokenAnswer = z.object({ token: z.string().min(1), expiresAt: z.iso.datetime() })
export type TokenAnswer = z.infer<typeof TokenAnswer>

/** A token has done its operation. Who has it may end it, so nothing else is asked of whoever says this. */
export const TokenEnd = z.object({ token: z.string().regex(/^[\x21-\x7e]{1,2000}$/) })
export type TokenEnd = z.infer<typeof TokenEnd>

export const ProgressRequest = z.object({
  start: z.int().positive(),
  progress: JobProgress,
  log: z.array(LogLine).max(500),
  /** What the agent noticed on the way since the last message that was answered. */
  followUps: z.array(FollowUp).max(FOLLOW_UPS_MAX).optional(),
})
export type ProgressRequest = z.infer<typeof ProgressRequest>

/**
 * What the app wants of a running job. `cancel` is final; with `keep` what is done so far is pushed before it ends (RUN-6).
 * `lost`: another start has the job, and this one may push and report nothing any more.
 */
export const Control = z.object({
  cancel: z.string().nullable(),
  keep: z.boolean().default(false),
  lost: z.boolean().default(false),
})
export type Control = z.infer<typeof Control>

export const ResultRequest = z.object({ start: z.int().positive(), result: JobResult })
export type ResultRequest = z.infer<typeof ResultRequest>

/** The BullMQ queue that carries {@link JobSpec}s from the app to the runners. */
export const JOBS_QUEUE = 'jobs'
/** Prefix of every BullMQ key, unless `QUEUE_PREFIX` says another. */
export const DEFAULT_QUEUE_PREFIX = 'switchyard'
