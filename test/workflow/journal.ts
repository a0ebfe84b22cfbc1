import { RunId, StepId } from '../../src/contract/ids.ts'
import { type LiveScript, startScript } from '../../src/effects/workflow/live-script.ts'
import type { StoredCall } from '../../src/store/workflow-calls.ts'
import type { WorkflowCall } from '../../src/workflow/call.ts'
import type { Json } from '../../src/workflow/json.ts'
import type { Budget, WorkflowInterpreter } from '../../src/workflow/progress.ts'

/** How a call ended: null, it gave nothing. */
export interface Ending {
  result: Json
  why?: string
  budget?: Budget
}

/** A journal that is written while a script is told of its calls; without a store. */
export interface Recording {
  script: LiveScript
  /** In the order in which the script was told. */
  journal: StoredCall[]
  /** Calls that nothing was told of yet, in their order. */
  waiting(): WorkflowCall[]
  tell(index: number, ending: Ending): Promise<void>
}

export async function recordScript(interpreter: WorkflowInterpreter): Promise<Recording> {
  const script = await startScript(interpreter)
  const journal: StoredCall[] = []
  const waiting = () => waitingIn(script, journal)
  return {
    script,
    journal,
    waiting,
    async tell(index, { result, why, budget }) {
      const call = waiting().find((candidate) => candidate.index === index)
      if (call === undefined) throw new Error(`The call ${index} does not wait.`)
      const position = journal.length + 1
      journal.push(stored(call, position, { result, ...(why && { why }), ...(budget && { budget }) }))
      const state = result === null ? 'failed' : 'done'
      await script.tell([{ position, state, index, result, ...(why && { why }), ...(budget && { budget }) }])
    },
  }
}

/** The calls of a script that these entries say nothing of. */
export function waitingIn(script: LiveScript, told: readonly StoredCall[]): WorkflowCall[] {
  const known = new Set(told.map(({ index }) => index))
  return script.calls.map(({ call }) => call).filter(({ index }) => !known.has(index))
}

function stored(call: WorkflowCall, position: number, { result, why, budget }: Ending): StoredCall {
  return {
    ...{
      runId: RunId.parse('recorded'),
      step: StepId.parse('workflow'),
      journal: 0,
      after: 0,
      job: null,
      askedAt: 0,
      endedAt: 0,
    },
    ...{ index: call.index, identity: call.identity, kind: call.kind, phase: call.phase, label: call.label },
    ...{ prompt: call.prompt, options: call.options, branches: null, costUsd: null },
    ...{ state: result === null ? 'failed' : 'done', position, result, why: why ?? null, budget: budget ?? null },
  }
}
