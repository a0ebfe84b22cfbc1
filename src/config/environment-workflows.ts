/** What scripts of dynamic workflows may use, and how many are kept at work: variables of the environment. */
import { CALLS_AT_ONCE, CALLS_MAX } from '../pipeline/workflow.ts'
import { SCRIPT_IDLE_MS, SCRIPTS_KEPT, WorkflowLimits } from '../workflow/limits.ts'
import { wholeNumber } from './variable.ts'

const MIB = 1024 * 1024
const KIB = 1024
const SECOND_MS = 1_000
const MILLION = 1_000_000
const { memoryBytes, steps, stackBytes, turnMs } = WorkflowLimits.parse({})

export const workflowVariables = {
  WORKFLOW_CALLS: wholeNumber({
    description: 'Calls of `agent`, `checkpoint` and `collect` that one dynamic workflow may make.',
    ...{ default: CALLS_MAX, min: 1, max: CALLS_MAX },
  }),
  WORKFLOW_CALLS_AT_ONCE: wholeNumber({
    description: 'Calls of one dynamic workflow that work at the same time; more wait.',
    ...{ default: CALLS_AT_ONCE, min: 1, max: CALLS_AT_ONCE },
  }),
  SCRIPT_MEMORY_MIB: wholeNumber({
    description: "Memory of a workflow's script, in MiB.",
    ...{ default: memoryBytes / MIB, min: 4, max: 512 },
  }),
  SCRIPT_MEGASTEPS: wholeNumber({
    description: "Function calls, turns of loops and steps of regular expressions of a workflow's script in all, in millions.",
    ...{ default: steps / MILLION, min: 1, max: 10_000 },
  }),
  SCRIPT_STACK_KIB: wholeNumber({
    description: "Stack of a workflow's script, in KiB: 256 are about a thousand calls deep.",
    ...{ default: stackBytes / KIB, min: 32, max: 512 },
  }),
  SCRIPT_TURN_SECONDS: wholeNumber({
    description: "How long a workflow's script may work between two waits, in seconds by the clock.",
    ...{ default: turnMs / SECOND_MS, min: 1, max: 600 },
  }),
  SCRIPTS_KEPT: wholeNumber({
    description:
      'Scripts that one process of the app keeps at work, each in a thread of its own; more go on from their journals.',
    ...{ default: SCRIPTS_KEPT, min: 1, max: 64 },
  }),
  SCRIPT_IDLE_SECONDS: wholeNumber({
    description: 'How long a script is kept at work that nobody goes on with, in seconds; then it goes on from its journal.',
    ...{ default: SCRIPT_IDLE_MS / SECOND_MS, min: 1, max: 86_400 },
  }),
}

/** What the app's parts take of it. */
export interface WorkflowSettings {
  callsAtOnce: number
  scriptsKept: number
  scriptIdleMs: number
  /** Of each script. */
  script: Pick<WorkflowLimits, 'calls' | 'memoryBytes' | 'steps' | 'stackBytes' | 'turnMs'>
}

export function workflowSettings(variables: { [K in keyof typeof workflowVariables]: number }): WorkflowSettings {
  return {
    callsAtOnce: variables.WORKFLOW_CALLS_AT_ONCE,
    scriptsKept: variables.SCRIPTS_KEPT,
    scriptIdleMs: variables.SCRIPT_IDLE_SECONDS * SECOND_MS,
    script: {
      calls: variables.WORKFLOW_CALLS,
      memoryBytes: variables.SCRIPT_MEMORY_MIB * MIB,
      steps: variables.SCRIPT_MEGASTEPS * MILLION,
      stackBytes: variables.SCRIPT_STACK_KIB * KIB,
      turnMs: variables.SCRIPT_TURN_SECONDS * SECOND_MS,
    },
  }
}
