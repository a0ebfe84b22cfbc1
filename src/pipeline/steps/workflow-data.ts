/** The state of a dynamic workflow's step: what is in flight, and counts. Results are in the journal, never here. */
import { z } from 'zod'
import { UsdLimit } from '../../contract/budget.ts'
import { Failure } from '../../contract/failure.ts'
import { JobId } from '../../contract/ids.ts'
import { Instant, type Step, StepConfig } from '../model.ts'
import { WorkflowOutput } from '../outputs.ts'
import type { StepContext } from '../step-kind.ts'
import {
  CALLS_AT_ONCE,
  CALLS_MAX,
  CallSettled,
  CallToStart,
  Checkpoint,
  Collision,
  PHASES_MAX,
  PhaseCount,
} from '../workflow.ts'

/** Attempts that a call has whose runner was lost, or whose git, API or queue failed. */
export const CALL_ATTEMPTS = 3

export const WORKFLOW_NAME = /^[a-z][a-z0-9-]{0,39}$/

export const WorkflowConfig = z.strictObject({
  ...StepConfig.shape,
  kind: z.literal('workflow'),
  workflow: z
    .string()
    .regex(WORKFLOW_NAME, 'must be the name of a file in `.github/switchyard/workflows/`, without `.js`')
    .describe('The script: `.github/switchyard/workflows/<name>.js` of the default branch.'),
  args: z
    .record(z.string().max(100), z.unknown())
    .default({})
    .describe("The script's `args`, as its `meta.arguments` describes them."),
  roles: z
    .array(z.string().max(40))
    .max(50)
    .optional()
    .describe('The roles of its calls. Read from the script when a run starts, as far as they stand in it as text.'),
  budgets: z
    .record(z.string().max(100), UsdLimit)
    .optional()
    .describe('What the calls of a phase may cost together, in USD, by the phase’s title; beside the budgets of the run.'),
})
export type WorkflowConfig = z.infer<typeof WorkflowConfig>

/** A call that a job works for. */
export const CallInFlight = CallToStart.extend({
  job: JobId,
  since: Instant,
  attempts: z.int().positive(),
  /** Of a collection: the conflict that is being resolved. */
  resolves: Collision.nullable(),
  /** The one that was resolved last: met again, nobody resolves it. */
  resolved: Collision.nullable(),
  /** Those that nobody could resolve: the collection goes on without them. */
  leaves: z.array(Collision).optional(),
})
export type CallInFlight = z.infer<typeof CallInFlight>

const working = {
  /** Names the journal: the epoch in which the script began from nothing. */
  journal: z.int().positive(),
  /** The epoch in which it began last, from nothing or again: a script that was kept from before is another one. */
  session: z.int().positive(),
  calls: z.array(CallInFlight).max(CALLS_AT_ONCE),
  checkpoints: z.array(Checkpoint).max(CALLS_AT_ONCE),
  /** Ended calls that the script is not told of yet. */
  settled: z.array(CallSettled).max(CALLS_MAX),
  /** The effect that lets the script go on, and what it was given. */
  advancing: z.object({ effect: z.string(), settled: z.array(z.int().nonnegative()).max(CALLS_MAX) }).nullable(),
  phases: z.array(PhaseCount).max(PHASES_MAX),
  /** Calls that the script has made and that have no place yet. */
  open: z.int().nonnegative(),
  /** Lines of the script's log that the history has. */
  logged: z.int().nonnegative(),
  /** Calls whose results came from the journal when it last began again. */
  replayed: z.int().nonnegative(),
  /** Nothing more begins: what is in flight ends, then the step fails with it. */
  halt: Failure.nullable(),
}

export const WorkflowData = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('idle') }),
  z.object({ phase: z.literal('working'), ...working }),
  /** The script has ended; pull requests are being opened. */
  z.object({ phase: z.literal('opening'), output: WorkflowOutput }),
])
export type WorkflowData = z.infer<typeof WorkflowData>
export type Working = Extract<WorkflowData, { phase: 'working' }>
export type WorkflowContext = StepContext<WorkflowConfig, WorkflowData>

/** A workflow's step at work, as a rendering or an effect sees it; null where it is none, or does not work. */
export function workingOf(step: Step): Working | null {
  if (step.kind !== 'workflow') return null
  const data = WorkflowData.safeParse(step.data)
  return data.success && data.data.phase === 'working' ? data.data : null
}

/** Whether what this job pushed is on branches of its call, and not on the run's work branches. */
export function worksApart(step: Step, job: JobId): boolean {
  return workingOf(step)?.calls.some((call) => call.job === job && call.apart) ?? false
}
