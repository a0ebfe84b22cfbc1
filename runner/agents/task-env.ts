import type { AgentTask } from './runtime.ts'

/** What every agent finds in its environment, whatever its runtime: the base, and where its prompt and its report are. */
export function taskEnv(task: AgentTask): Record<string, string> {
  return {
    ...task.env,
    SWITCHYARD_PROMPT_FILE: task.promptFile,
    SWITCHYARD_INSTRUCTIONS_FILE: task.instructionsFile,
    SWITCHYARD_REPORT_FILE: task.reportFile,
    SWITCHYARD_NONCE: task.nonce,
    SWITCHYARD_ROLE: task.role,
    SWITCHYARD_MODE: task.mode,
  }
}
