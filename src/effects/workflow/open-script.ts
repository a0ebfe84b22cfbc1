import { parseJson } from '../../workflow/json.ts'
import { openWorkflow } from '../../workflow/open-workflow.ts'
import type { OpenScript } from '../advance-workflow.ts'

/** Longest prompt that a script may give a call, in characters: what its job's prompt has room for. */
const PROMPT_MAX_CHARS = 60_000

/** Opens scripts in threads of their own, within this deployment's limits. */
export const openScript: OpenScript = async ({ args, ...script }) => {
  const values = Object.entries(args).map(([name, value]) => [name, parseJson(JSON.stringify(value))] as const)
  return openWorkflow({ ...script, args: Object.fromEntries(values), limits: { promptChars: PROMPT_MAX_CHARS } })
}
