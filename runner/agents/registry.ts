import { claudeRuntime } from './claude.ts'
import { CLAUDE_PACKAGE } from './claude-package.ts'
import { commandRuntime } from './command.ts'
import type { Runtime, RuntimeOptions } from './runtime.ts'
import type { AgentPackage } from './tools.ts'

type RuntimeFactory = (options: RuntimeOptions) => Runtime

/** Every runtime there is: to add one, add a file and a line. */
const FACTORIES: Readonly<Record<string, RuntimeFactory>> = {
  command: commandRuntime,
  claude: claudeRuntime,
}

/** The agents that can be installed from npm. */
export const PACKAGES: readonly AgentPackage[] = [CLAUDE_PACKAGE]

/** All runtimes by their name, made with the runner's environment and its folder of tools. */
export function runtimes(options: RuntimeOptions): ReadonlyMap<string, Runtime> {
  const entries = Object.entries(FACTORIES)
  return new Map(entries.map(([name, factory]) => [name, factory(options)]))
}
