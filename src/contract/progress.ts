import { z } from 'zod'
import { Usage } from './job.ts'
import { DENIED_MAX, DeniedHost } from './sandbox.ts'

/** The phases of a job, in their order. */
export const JobPhase = z.enum(['received', 'workspace', 'agent', 'validate', 'push', 'report'])
export type JobPhase = z.infer<typeof JobPhase>

/** How far a job is; sent at most once a second, and as a heartbeat every 10 s. */
export const JobProgress = z.object({
  phase: JobPhase,
  todosDone: z.int().nonnegative().optional(),
  todosTotal: z.int().nonnegative().optional(),
  lastTool: z.string().max(200).optional(),
  usage: Usage,
  /** Connections that were refused so far. A start that is lost tells no result: the next one begins with these. */
  denied: z.array(DeniedHost).max(DENIED_MAX).optional(),
})
export type JobProgress = z.infer<typeof JobProgress>

/** A line of the agent's log, for the dashboard. Redacted by the runner before it is sent. */
export const LogLine = z.object({
  /** Counts from 0 within one start of a job. */
  seq: z.int().nonnegative(),
  at: z.iso.datetime(),
  kind: z.enum(['text', 'tool', 'result', 'error', 'runner']),
  text: z.string().max(8_000),
})
export type LogLine = z.infer<typeof LogLine>
