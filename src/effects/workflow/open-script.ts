import { loadEngine } from '../../workflow/engine.ts'
import { parseJson } from '../../workflow/json.ts'
import type { WorkflowLimits } from '../../workflow/limits.ts'
import { openWorkflow } from '../../workflow/open-workflow.ts'
import type { OpenScript } from '../advance-workflow.ts'

/** Longest prompt that a script may give a call, in characters: what its job's prompt has room for. */
const PROMPT_MAX_CHARS = 60_000

/** Opens scripts in threads of their own, within this deployment's limits. The interpreter is loaded with the first. */
export function createScriptOpener(own: Partial<WorkflowLimits> = {}): OpenScript {
  let engine: ReturnType<typeof loadEngine> | null = null
  return async ({ args, ...script }) => {
    engine ??= loadEngine()
    const values = Object.entries(args).map(([name, value]) => [name, parseJson(JSON.stringify(value))] as const)
    const limits = { ...own, promptChars: PROMPT_MAX_CHARS }
    return openWorkflow({ ...script, args: Object.fromEntries(values), limits, engine: await engine })
  }
}
