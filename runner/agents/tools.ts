import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { RuntimeOptions } from './runtime.ts'

/** An npm package that brings a coding agent, pinned to the version that was tried. */
export interface AgentPackage {
  /** The runtime's name, and its folder within the folder of tools. */
  runtime: string
  /** What people call it. */
  title: string
  package: string
  version: string
  /** The program's name. */
  bin: string
  /** The program is a script for Node. */
  script?: true
  /** The program itself is in an optional package for each platform. */
  native?: true
  /** The package places its program by its install script; every other package's scripts stay unrun. */
  installScript?: true
}

/** The folder of tools, unless a setting says another: beside the runner's current folder. */
export const DEFAULT_TOOLS_DIR = '.agents'

/** The folder in the folder of tools that one agent is installed in; each has its own, so that they do not disturb one another. */
export function agentDir(toolsDir: string, agent: AgentPackage): string {
  return join(toolsDir, agent.runtime)
}

/** The path of an agent's program: from PATH, else from the folder of tools; null when it is in neither. */
export async function findBinary(agent: AgentPackage, options: RuntimeOptions): Promise<string | null> {
  for (const folder of (options.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')) {
    const candidate = join(folder, agent.bin)
    if (await isExecutable(candidate)) return candidate
  }
  return await findInstalled(agent, options.toolsDir)
}

/** The path of an agent's program in the folder of tools; null when it is not installed there. */
export async function findInstalled(agent: AgentPackage, toolsDir: string): Promise<string | null> {
  const candidate = join(agentDir(toolsDir, agent), 'node_modules', '.bin', agent.bin)
  return (await isExecutable(candidate)) ? candidate : null
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
