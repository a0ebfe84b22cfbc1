/** The part of `.github/switchyard.yml` that says how roles are played. */
import { z } from 'zod'
import { JobLimits } from '../contract/job.ts'
import { JobGuard } from '../contract/job-guard.ts'

const MINUTE_MS = 60_000
const SECOND_MS = 1_000

/** Shortest job, in minutes: the limits inside it must find room. */
const DURATION_MIN_MINUTES = 0.1

/** A duration in minutes or seconds whose milliseconds are within the bounds that the contract gives the limit. */
function duration(limit: keyof JobLimits, unitMs: number, description: string) {
  const schema = JobLimits.shape[limit].unwrap()
  const least = limit === 'durationMs' ? DURATION_MIN_MINUTES : ceil((schema.minValue ?? 0) / unitMs)
  const most = (schema.maxValue ?? Number.MAX_SAFE_INTEGER) / unitMs
  return z.number().min(least).max(most).optional().describe(description)
}

/** Rounds up to two decimals, for bounds that people read. */
function ceil(value: number): number {
  return Math.ceil(value * 100) / 100
}

export const RoleLimitsFile = z
  .strictObject({
    durationMinutes: duration('durationMs', MINUTE_MS, 'Longest time from the start of the agent to its end, in minutes.'),
    inactivityMinutes: duration('inactivityMs', MINUTE_MS, 'Longest time without a byte from the agent, in minutes.'),
    toolSilenceMinutes: duration('toolSilenceMs', MINUTE_MS, 'Longest time without a tool finishing, in minutes.'),
    coldStartSeconds: duration(
      'coldStartMs',
      SECOND_MS,
      "Longest time from the agent's start to its first sign of life, in seconds.",
    ),
    checkpointSeconds: duration('checkpointMs', SECOND_MS, 'Time between two pushes of what is committed so far, in seconds.'),
  })
  .describe('When a job of this role is taken to be stuck.')
export type RoleLimitsFile = z.infer<typeof RoleLimitsFile>

/** A guard's count: at least its default, since a setting can only loosen it. */
function count(guard: keyof JobGuard, description: string) {
  const schema = JobGuard.shape[guard].unwrap()
  const [least, most] = [schema.minValue ?? 1, schema.maxValue ?? Number.MAX_SAFE_INTEGER]
  return z.int().min(least).max(most).optional().describe(`${description} Left out: ${least}; it can only be raised.`)
}

export const RoleGuardFile = z
  .strictObject({
    callsWithoutEdit: count(
      'callsWithoutEdit',
      'Tool calls without an edit; reads and searches are not counted, and a role that only reads is free of it.',
    ),
    failingCalls: count('failingCalls', 'Failing tool calls in a row.'),
    webCalls: count('webCalls', 'Tool calls in a row that ask the web.'),
    turns: count('turns', 'Turns of the model.'),
    repeats: count('repeats', 'How often the same command fails without an edit in between, or the same edit is made again.'),
  })
  .describe('When an agent of this role that is busy is taken to get nowhere; its attempt then ends with `no-progress`.')

export const RuntimeFile = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,30}$/, "must be a runtime's name: lower-case letters, digits and hyphens")
      .optional()
      .describe('The coding agent, by the name under which runners offer it.'),
    model: z.string().min(1).max(200).optional().describe('The model, as the coding agent calls it.'),
    effort: z.enum(['low', 'medium', 'high']).optional().describe('How hard the model should think.'),
    command: z
      .array(z.string().max(4_000))
      .min(1)
      .max(50)
      .optional()
      .describe(
        "For the runtime `command`: the program and its arguments, started without a shell. Only where the deployment's owner allows it (`ALLOW_REPOSITORY_COMMANDS`).",
      ),
  })
  .describe('Which coding agent plays the role.')
export type RuntimeFile = z.infer<typeof RuntimeFile>

export const RoleFile = z.strictObject({
  runtime: RuntimeFile.optional(),
  instructions: z.string().max(50_000).optional().describe("Text that is put after the role's own prompt."),
  limits: RoleLimitsFile.optional(),
  guard: RoleGuardFile.optional(),
})
export type RoleFile = z.infer<typeof RoleFile>

/** The roles there are, each with a prompt in `src/roles/prompts`. */
export const RolesFile = z.strictObject({
  planner: RoleFile.optional().describe('Plans: which repositories, which files, in which order.'),
  coder: RoleFile.optional().describe('Makes the change.'),
  reviewer: RoleFile.optional().describe('Grades the work of the step before.'),
  fixer: RoleFile.optional().describe('Mends what the checks found.'),
  estimator: RoleFile.optional().describe('Says how complex, how risky and how far-reaching a change is.'),
  requirements: RoleFile.optional().describe('Reads the task for what is missing, unclear or only assumed.'),
  clarity: RoleFile.optional().describe('Reads a bug and its diagnosis for what must be known before it is mended.'),
  investigator: RoleFile.optional().describe('Finds the cause of a bug and shows it.'),
  writer: RoleFile.optional().describe('Writes a document.'),
  analyst: RoleFile.optional().describe('Looks into the code and writes down what it found.'),
  researcher: RoleFile.optional().describe('Finds out one thing, beside others who find out theirs.'),
  tester: RoleFile.optional().describe('Tries the change out and says whether it does what was asked.'),
  resolver: RoleFile.optional().describe('Merges the base branch where it conflicts.'),
  oncall: RoleFile.optional().describe('Looks into a regression after a release.'),
  responder: RoleFile.optional().describe('Answers the remarks of a review.'),
})
export type RolesFile = z.infer<typeof RolesFile>
export type RoleName = keyof RolesFile

/** The names of the roles. */
export const ROLE_NAMES: readonly RoleName[] = RolesFile.keyof().options
