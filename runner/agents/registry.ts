import { claudeRuntime } from './claude.ts'
import { CLAUDE_PACKAGE } from './claude-package.ts'
import { codexRuntime } from './codex.ts'
import { CODEX_PACKAGE } from './codex-package.ts'
import { commandRuntime } from './command.ts'
import { copilotRuntime } from './copilot.ts'
import { COPILOT_PACKAGE } from './copilot-package.ts'
import { geminiRuntime } from './gemini.ts'
import { GEMINI_PACKAGE } from './gemini-package.ts'
import { opencodeRuntime } from './opencode.ts'
import { OPENCODE_PACKAGE } from './opencode-package.ts'
import { piRuntime } from './pi.ts'
import { PI_PACKAGE } from './pi-package.ts'
import type { Runtime, RuntimeOptions } from './runtime.ts'
import type { AgentPackage } from './tools.ts'

type RuntimeFactory = (options: RuntimeOptions) => Runtime

/** Every runtime there is: to add one, add a file and a line. */
const FACTORIES: Readonly<Record<string, RuntimeFactory>> = {
  command: commandRuntime,
  claude: claudeRuntime,
  codex: codexRuntime,
  copilot: copilotRuntime,
  opencode: opencodeRuntime,
  gemini: geminiRuntime,
  pi: piRuntime,
}

/** The agents that can be installed from npm. */
export const PACKAGES: readonly AgentPackage[] = [
  CLAUDE_PACKAGE,
  CODEX_PACKAGE,
  COPILOT_PACKAGE,
  OPENCODE_PACKAGE,
  GEMINI_PACKAGE,
  PI_PACKAGE,
]

/** All runtimes by their name, made with the runner's environment and its folder of tools. */
export function runtimes(options: RuntimeOptions): ReadonlyMap<string, Runtime> {
  const entries = Object.entries(FACTORIES)
  return new Map(entries.map(([name, factory]) => [name, factory(options)]))
}
