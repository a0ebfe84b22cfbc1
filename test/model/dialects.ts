import { claudeTools } from './claude-tools.ts'
import { codexTools } from './codex-tools.ts'
import { copilotTools } from './copilot-tools.ts'
import { geminiTools } from './gemini-tools.ts'
import { opencodeTools } from './opencode-tools.ts'
import { piTools } from './pi-tools.ts'
import type { ToolDialect } from './script.ts'

/** Every agent's tools: to add an agent, add a file and a line. */
const DIALECTS: readonly ToolDialect[] = [claudeTools, codexTools, copilotTools, opencodeTools, geminiTools, piTools]

/** The dialect of the agent that offers these tools: of those that fit, the one known by the most tools. Throws when none fits. */
export function dialectOf(offered: readonly string[]): ToolDialect {
  const fitting = DIALECTS.filter(({ knownBy }) => knownBy.every((tool) => offered.includes(tool)))
  const [best] = fitting.sort((a, b) => b.knownBy.length - a.knownBy.length)
  if (best === undefined) throw new Error(`no agent is known by these tools: ${offered.join(', ')}`)
  return best
}
